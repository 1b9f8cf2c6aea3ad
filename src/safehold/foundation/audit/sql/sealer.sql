-- What the sealer runs. Each pass is one transaction: take the turn, read the next events, write their places.

-- name: lock
-- Take the turn: the row lock lasts until commit, and a second sealer finds no row. `horizon` is below every transaction
-- that still runs, so nothing can commit below it behind our back. `old_life` tells that the database was restored into
-- a new cluster, whose transaction numbers start lower than those in its rows.
SELECT
    xid::text,
    id,
    pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
    xid > pg_snapshot_xmax(pg_current_snapshot()) AS old_life,
    at - interval '7 days' AS since
FROM audit_sealer_state
FOR UPDATE SKIP LOCKED;

-- name: take
-- The next events in the order of (xid, id). `since` leaves out the parts of older months: what was written is dated the
-- present, so that nothing older can have come after the last pass; a sealer's first pass reads them all. Rows with a number from beyond the snapshot come from an earlier life of a
-- restored database; they are over too, and read when reading starts over, but not in each pass after that. What has its
-- place already is left out, so that reading again from further back does no harm. That is asked by a scalar subquery,
-- which the planner can't turn into a join that reads all leaves.
SELECT e.tenant_id, e.id, e.xid::text, e.digest
FROM audit_event e
WHERE (e.xid, e.id) >= (%(xid)s::xid8, %(id)s::uuid)
    AND e.id >= safehold.first_id(%(since)s)
    AND (e.xid < %(horizon)s::xid8 OR (%(over)s AND e.xid > pg_snapshot_xmax(pg_current_snapshot())))
    AND (SELECT true FROM audit_leaf l WHERE l.tenant_id = e.tenant_id AND l.event_id = e.id) IS NULL
ORDER BY e.xid, e.id
LIMIT %(most)s;

-- name: heads
-- The heads that a batch continues from.
SELECT tenant_id, chain, frontier
FROM audit_log
WHERE tenant_id = ANY(%(logs)s::uuid[]);

-- name: add_leaves
-- The places of a whole batch, in one statement.
INSERT INTO audit_leaf (tenant_id, index, event_id, digest, chain)
SELECT * FROM unnest(
    %(logs)b::uuid[], %(indexes)b::bigint[], %(events)b::uuid[], %(digests)b::bytea[], %(chains)b::bytea[]
);

-- name: add_nodes
-- The inner hashes that a batch has completed.
INSERT INTO audit_node (tenant_id, level, index, hash)
SELECT * FROM unnest(%(logs)b::uuid[], %(levels)b::smallint[], %(indexes)b::bigint[], %(hashes)b::bytea[]);

-- name: set_heads
-- The heads after a batch; a log's first batch makes its row.
INSERT INTO audit_log AS log (tenant_id, origin, size, chain, frontier, root)
SELECT * FROM unnest(
    %(logs)b::uuid[], %(origins)b::text[], %(sizes)b::bigint[], %(chains)b::bytea[], %(frontiers)b::bytea[], %(roots)b::bytea[]
)
ON CONFLICT (tenant_id) DO UPDATE
SET size = excluded.size,
    chain = excluded.chain,
    frontier = excluded.frontier,
    root = excluded.root,
    sealed_at = clock_timestamp();

-- name: move_on
-- Everything below (xid, id) has its place now. What still waits is looked for among this life's numbers; an earlier life's
-- sealed rows may lie among them.
UPDATE audit_sealer_state SET
    xid = %(xid)s::xid8,
    id = %(id)s,
    at = clock_timestamp(),
    waiting_since = (
        SELECT e.at FROM audit_event e
        WHERE (e.xid, e.id) > (%(xid)s::xid8, %(id)s::uuid)
            AND e.id >= safehold.first_id(%(since)s)
            AND e.xid < pg_snapshot_xmax(pg_current_snapshot())
            AND (SELECT true FROM audit_leaf l WHERE l.tenant_id = e.tenant_id AND l.event_id = e.id) IS NULL
        ORDER BY e.xid, e.id
        LIMIT 1
    );

-- name: due
-- The heads to sign: those that have grown since their last checkpoint, the ones waiting longest first but the log of
-- logs before all; those that have not been told for a while; and those that lay still for an hour, so that a fresh
-- signature shows that nothing came after.
SELECT tenant_id, origin, chain, frontier, root, size, checked_at, told_size, told_at
FROM audit_log
WHERE size > checked_size
    OR (checked_size > told_size AND told_at <= %(now)s - %(tell)s * interval '1 second')
    OR (checked_at < %(now)s - interval '1 hour' AND trouble = '')
ORDER BY tenant_id <> '00000000-0000-0000-0000-000000000001', checked_at
LIMIT %(most)s;

-- name: set_notes
-- The newest checkpoint of each log.
UPDATE audit_log log
SET note = new.note, checked_size = new.size, checked_at = new.at, trouble = ''
FROM unnest(%(logs)b::uuid[], %(sizes)b::bigint[], %(times)b::timestamptz[], %(notes)b::bytea[])
    AS new (tenant_id, size, at, note)
WHERE log.tenant_id = new.tenant_id;

-- name: keep_checkpoints
-- Those that are kept for good.
WITH kept AS (
    INSERT INTO audit_checkpoint (tenant_id, size, at, root, note)
    SELECT * FROM unnest(
        %(logs)b::uuid[], %(sizes)b::bigint[], %(times)b::timestamptz[], %(roots)b::bytea[], %(notes)b::bytea[]
    )
)
UPDATE audit_log log
SET told_size = new.size, told_at = new.at
FROM unnest(%(logs)b::uuid[], %(sizes)b::bigint[], %(times)b::timestamptz[]) AS new (tenant_id, size, at)
WHERE log.tenant_id = new.tenant_id;

-- name: set_trouble
-- Why no checkpoint of this log is signed.
UPDATE audit_log SET trouble = %(trouble)s, checked_at = clock_timestamp()
WHERE tenant_id = %(log)s AND trouble <> %(trouble)s;

-- name: troubled
-- Whether any log is in trouble.
SELECT true FROM audit_log WHERE trouble <> '' LIMIT 1;

-- name: signed
-- The newest signed head of every log.
SELECT tenant_id, origin, frontier, note FROM audit_log WHERE note IS NOT NULL;

-- name: publish_key
INSERT INTO audit_key (key) VALUES (%(key)s) ON CONFLICT DO NOTHING;

-- name: log_of
-- The log that a sealed event is in, for the operator who has only its id.
SELECT tenant_id FROM audit_leaf WHERE event_id = %(event)s;

-- name: make_months
-- The parts for the months to come; none where they are all there.
SELECT safehold.make_months('audit_event');
