-- The scratch schema of `safehold bench audit`: a second set of the log's tables, made by the same files, and a plain
-- table to write to. Connections of the bench look there first. It is dropped when the bench ends.

-- name: make
DROP SCHEMA IF EXISTS audit_bench CASCADE;
CREATE SCHEMA audit_bench;
GRANT USAGE ON SCHEMA audit_bench TO safehold_app, safehold_sealer;
SET search_path = audit_bench, public;

-- name: finish
CREATE TABLE bench_row (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    department int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    title text NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ON bench_row (tenant_id, created_at DESC);
CREATE INDEX ON bench_row (tenant_id, title);
SELECT safehold.protect_table('audit_bench.bench_row');

-- name: drop
DROP SCHEMA IF EXISTS audit_bench CASCADE;

-- name: write
INSERT INTO bench_row (tenant_id, id, department, title, sealed) VALUES (%s, %s, 0, %s, %s);

-- name: settle
ANALYZE audit_event, audit_leaf, bench_row;
