-- The tables of the sealed log.
--
-- Writers insert into audit_event and nothing else, inside the transaction that acts. The sealer, a moment later, gives
-- each committed event its place: a row of audit_leaf with a dense index and the rolling chain, the inner hashes of the
-- tree in audit_node, the head in audit_log, signed heads in audit_checkpoint. specs/audit-log.md says what is hashed.
--
-- The tenant's id is the id of its log. …0000 is the platform's own log, …0001 the log of logs, whose events are the
-- heads of all others.
--
-- Nothing refers to audit_event by foreign key: a later release partitions it by retention class and month and drops
-- whole partitions, while leaves, nodes and checkpoints stay, so that every survivor still verifies. Ids are UUIDv7, so
-- a range of ids is a range of time and the primary key can stay as it is.

-- One event. body holds the exact canonical bytes; digest is their leaf hash, which the database computes so that no
-- writer can give another. The columns beside them repeat what pages filter by, and are compared with the body when the
-- log is verified. personal is sealed and isn't hashed: the body has commitments. xid says in which transaction the row
-- was written: writers can't set it, and the sealer reads in its order.
create table audit_event (
    tenant_id uuid not null,
    id uuid not null,
    at timestamptz not null default clock_timestamp(),
    xid xid8 not null default pg_current_xact_id(),
    type text not null check (type ~ '^[a-z][a-z-]*\.[a-z][a-z-]*$'),
    actor text not null,
    target text not null default '',
    body bytea not null check (octet_length(body) between 2 and 65535),
    digest bytea not null generated always as (sha256('\x00'::bytea || body)) stored,
    personal bytea,
    primary key (tenant_id, id)
);

-- The place an event got. chain is the rolling hash up to and including this event.
create table audit_leaf (
    tenant_id uuid not null,
    index bigint not null check (index >= 0),
    event_id uuid not null,
    digest bytea not null check (octet_length(digest) = 32),
    chain bytea not null check (octet_length(chain) = 32),
    primary key (tenant_id, index),
    unique (tenant_id, event_id)
);

-- The inner hashes of the tree, each over 256 of the level below: level 1 over leaves, level 2 over 65,536 leaves, and so
-- on. They are C2SP tlog-tiles by the row: tile (L, N) is the 256 rows of level L from 256·N, and for level 0 the leaves'
-- digests. A hash is written once its 256 are there, and never changes.
create table audit_node (
    tenant_id uuid not null,
    level smallint not null check (level between 1 and 7),
    index bigint not null check (index >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (tenant_id, level, index)
);

-- The head of each log: how far it is sealed, and what the next event continues from (frontier as in the specification,
-- section 5). note is the newest checkpoint, a C2SP signed note, of checked_size; told_size is the newest one that stands
-- in audit_checkpoint and in the log of logs. trouble says why no newer one is signed.
create table audit_log (
    tenant_id uuid primary key,
    origin text not null unique,
    size bigint not null check (size >= 0),
    chain bytea not null check (octet_length(chain) = 32),
    frontier bytea not null,
    root bytea not null check (octet_length(root) = 32),
    note bytea,
    checked_size bigint not null default 0,
    checked_at timestamptz not null default 'epoch',
    told_size bigint not null default 0,
    told_at timestamptz not null default 'epoch',
    trouble text not null default '',
    sealed_at timestamptz not null default clock_timestamp()
);

-- Signed heads that are kept for good, about one a minute while a log grows: note is the whole C2SP signed note, byte for
-- byte, and at the time it states.
create table audit_checkpoint (
    tenant_id uuid not null,
    size bigint not null check (size >= 0),
    at timestamptz not null,
    root bytea not null check (octet_length(root) = 32),
    note bytea not null,
    primary key (tenant_id, size)
);

-- The public keys that have signed checkpoints, in the C2SP form name+hash+key. A copy for convenience: who verifies
-- takes the key from outside the database.
create table audit_key (
    key text primary key,
    since timestamptz not null default clock_timestamp()
);

-- Where the sealer stands: everything below (xid, id) has its place. The one row is also the lock that keeps a second
-- sealer waiting. at is the last pass; waiting_since the moment of the oldest event that still waited after it.
create table audit_sealer_state (
    only_row boolean primary key default true check (only_row),
    xid xid8 not null,
    id uuid not null,
    at timestamptz not null default clock_timestamp(),
    waiting_since timestamptz
);
insert into audit_sealer_state (xid, id) values ('0', '00000000-0000-0000-0000-000000000000');

create index audit_event_unsealed on audit_event (xid, id);
create index audit_event_by_time on audit_event (tenant_id, at, id);
create index audit_event_by_target on audit_event (tenant_id, target, at, id) where target <> '';
create index audit_event_by_type on audit_event (tenant_id, type, at, id);
create index audit_event_by_actor on audit_event (tenant_id, actor, at, id);
