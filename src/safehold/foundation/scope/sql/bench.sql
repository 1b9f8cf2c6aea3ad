-- The scratch tables of `safehold bench isolation`: the same rows twice, once under policies and once plain, filled
-- before policies bind their owner. They are dropped when the bench ends.

-- name: make
DROP TABLE IF EXISTS bench_policed, bench_plain;
CREATE UNLOGGED TABLE bench_plain (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    department int NOT NULL,
    created_at timestamptz NOT NULL,
    title text NOT NULL,
    amount numeric NOT NULL
);
CREATE UNLOGGED TABLE bench_policed (LIKE bench_plain);

-- name: fill
-- Each tenant's rows lie scattered among the others', as they come in.
INSERT INTO bench_plain
SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n %% %(tenants)s), 12, '0'))::uuid,
    n / %(tenants)s %% 50, timestamptz '2026-01-01' + n * interval '1 second', 'Record number ' || n, n %% 10007
FROM generate_series(1, %(rows)s) AS n;

-- name: finish
INSERT INTO bench_policed SELECT * FROM bench_plain;
ALTER TABLE bench_plain ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE bench_policed ADD PRIMARY KEY (tenant_id, id);
CREATE INDEX ON bench_plain (tenant_id, created_at DESC);
CREATE INDEX ON bench_policed (tenant_id, created_at DESC);
CREATE INDEX ON bench_plain (tenant_id, department, created_at DESC);
CREATE INDEX ON bench_policed (tenant_id, department, created_at DESC);
SELECT safehold.protect_table('bench_policed'), safehold.grant_app('bench_plain');

-- name: settle_policed
VACUUM ANALYZE bench_policed;

-- name: settle_plain
VACUUM ANALYZE bench_plain;

-- name: by_department
SELECT safehold.protect_departments('bench_policed');

-- name: drop
DROP TABLE IF EXISTS bench_policed, bench_plain;

-- name: page
SELECT id, department, created_at, title, amount FROM {table}
WHERE tenant_id = %(tenant)s ORDER BY created_at DESC LIMIT 50;

-- name: page_of_departments
SELECT id, department, created_at, title, amount FROM {table}
WHERE tenant_id = %(tenant)s AND department = ANY (%(departments)s) ORDER BY created_at DESC LIMIT 50;

-- name: one
SELECT id, department, created_at, title, amount FROM {table} WHERE tenant_id = %(tenant)s AND id = %(tenant)s;

-- name: report
SELECT department, count(*), sum(amount) FROM {table} WHERE tenant_id = %(tenant)s GROUP BY department;

-- name: add
INSERT INTO {table} (id, tenant_id, department, created_at, title, amount)
VALUES (gen_random_uuid(), %(tenant)s, 0, now(), 'Added by the bench', 1);
