-- The tables of the sealed log.
--
-- Writers insert into audit_event and nothing else, inside the transaction that acts. The sealer, a moment later, gives
-- each committed event its place: a row of audit_leaf with a dense index and the rolling chain, the inner hashes of the
-- tree in audit_node, the head in audit_log, signed heads in audit_checkpoint. specs/audit-log.md says what is hashed.
--
-- The tenant's id is the id of its log. …0000 is the platform's own log, …0001 the log of logs, whose events are the
-- heads of all others.
--
-- audit_event itself is in 005_events.sql. Nothing refers to it by foreign key: whole months of it are dropped when their
-- time is over, while leaves, nodes and checkpoints stay, so that every survivor still verifies.

-- The place an event got. chain is the rolling hash up to and including this event.
CREATE TABLE audit_leaf (
    tenant_id uuid NOT NULL,
    index bigint NOT NULL CHECK (index >= 0),
    event_id uuid NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    chain bytea NOT NULL CHECK (octet_length(chain) = 32),
    PRIMARY KEY (tenant_id, index),
    UNIQUE (tenant_id, event_id)
);

-- The inner hashes of the tree, each over 256 of the level below: level 1 over leaves, level 2 over 65,536 leaves, and so
-- on. They are C2SP tlog-tiles by the row: tile (L, N) is the 256 rows of level L from 256·N, and for level 0 the leaves'
-- digests. A hash is written once its 256 are there, and never changes.
CREATE TABLE audit_node (
    tenant_id uuid NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant_id, level, index)
);

-- The head of each log: how far it is sealed, and what the next event continues from (frontier as in the specification,
-- section 5). note is the newest checkpoint, a C2SP signed note, of checked_size; told_size is the newest one that stands
-- in audit_checkpoint and in the log of logs. trouble says why no newer one is signed.
CREATE TABLE audit_log (
    tenant_id uuid PRIMARY KEY,
    origin text NOT NULL UNIQUE,
    size bigint NOT NULL CHECK (size >= 0),
    chain bytea NOT NULL CHECK (octet_length(chain) = 32),
    frontier bytea NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note bytea,
    checked_size bigint NOT NULL DEFAULT 0,
    checked_at timestamptz NOT NULL DEFAULT 'epoch',
    told_size bigint NOT NULL DEFAULT 0,
    told_at timestamptz NOT NULL DEFAULT 'epoch',
    trouble text NOT NULL DEFAULT '',
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Signed heads that are kept for good, about one a minute while a log grows: note is the whole C2SP signed note, byte for
-- byte, and at the time it states.
CREATE TABLE audit_checkpoint (
    tenant_id uuid NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    at timestamptz NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note bytea NOT NULL,
    PRIMARY KEY (tenant_id, size)
);

-- The public keys that have signed checkpoints, in the C2SP form name+hash+key. A copy for convenience: who verifies
-- takes the key from outside the database.
CREATE TABLE audit_key (
    key text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Where the sealer stands: everything below (xid, id) has its place. The one row is also the lock that keeps a second
-- sealer waiting. at is the last pass; waiting_since the moment of the oldest event that still waited after it.
CREATE TABLE audit_sealer_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    xid xid8 NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    waiting_since timestamptz
);
INSERT INTO audit_sealer_state (xid, id) VALUES ('0', '00000000-0000-0000-0000-000000000000');
