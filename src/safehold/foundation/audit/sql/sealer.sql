-- What the sealer runs. Each pass is one transaction: take the turn, read the next events, write their places.

-- name: lock
-- Take the turn: the row lock lasts until commit, and a second sealer finds no row. `horizon` is below every transaction
-- that still runs, so nothing can commit below it behind our back. `old_life` tells that the database was restored into
-- a new cluster, whose transaction numbers start lower than those in its rows.
SELECT
    xid::text,
    id,
    pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
    xid > pg_snapshot_xmax(pg_current_snapshot()) AS old_life
FROM audit_sealer_state
FOR UPDATE SKIP LOCKED;

-- name: take
-- The next events in the order of (xid, id). Rows with a number from beyond the snapshot come from an earlier life of a
-- restored database; they are over too. What has its place already is left out, so that reading again from further back
-- does no harm. That is asked by a scalar subquery, which the planner can't turn into a join that reads all leaves.
SELECT e.tenant_id, e.id, e.xid::text, e.digest
FROM audit_event e
WHERE (e.xid, e.id) >= (%(xid)s::xid8, %(id)s::uuid)
    AND (e.xid < %(horizon)s::xid8 OR e.xid > pg_snapshot_xmax(pg_current_snapshot()))
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
-- Everything below (xid, id) has its place now.
UPDATE audit_sealer_state SET
    xid = %(xid)s::xid8,
    id = %(id)s,
    at = clock_timestamp(),
    waiting_since = (
        SELECT e.at FROM audit_event e
        WHERE (e.xid, e.id) > (%(xid)s::xid8, %(id)s::uuid)
        ORDER BY e.xid, e.id
        LIMIT 1
    );

-- name: due
-- The heads that have grown since their last checkpoint, those waiting longest first.
SELECT tenant_id, origin, chain, frontier, root, checked_at
FROM audit_log
WHERE size > checked_size
ORDER BY checked_at
LIMIT %(most)s;

-- name: add_checkpoints
INSERT INTO audit_checkpoint (tenant_id, size, at, root, note)
SELECT * FROM unnest(
    %(logs)b::uuid[], %(sizes)b::bigint[], %(times)b::timestamptz[], %(roots)b::bytea[], %(notes)b::bytea[]
)
ON CONFLICT DO NOTHING;

-- name: set_checked
UPDATE audit_log log
SET checked_size = new.size, checked_at = new.at, trouble = NULL
FROM unnest(%(logs)b::uuid[], %(sizes)b::bigint[], %(times)b::timestamptz[]) AS new (tenant_id, size, at)
WHERE log.tenant_id = new.tenant_id;

-- name: set_trouble
-- Why no checkpoint of this log is signed.
UPDATE audit_log SET trouble = %(trouble)s, checked_at = clock_timestamp()
WHERE tenant_id = %(log)s AND trouble IS DISTINCT FROM %(trouble)s;

-- name: publish_key
INSERT INTO audit_key (key) VALUES (%(key)s) ON CONFLICT DO NOTHING;

-- name: last_checkpoint
-- The newest checkpoint of a log.
SELECT note FROM audit_checkpoint WHERE tenant_id = %(log)s ORDER BY size DESC LIMIT 1;

-- name: tile
-- Up to 256 hashes of one level, joined, from the place where the tile begins.
SELECT string_agg(hash, ''::bytea ORDER BY index)
FROM (
    SELECT index, digest AS hash FROM audit_leaf
    WHERE %(level)s = 0 AND tenant_id = %(log)s AND index >= %(start)s AND index < %(start)s + 256
    UNION ALL
    SELECT index, hash FROM audit_node
    WHERE tenant_id = %(log)s AND level = %(level)s AND index >= %(start)s AND index < %(start)s + 256
) AS hashes;
