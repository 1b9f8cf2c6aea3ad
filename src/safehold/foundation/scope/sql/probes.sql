-- What the live probes of isolation ask, as the app role. The names in braces come from the catalogue, quoted by it.
-- Every write is rolled back.

-- name: expect_refusal
-- Until the savepoint or transaction at hand is undone, the server's log leaves out what fails (provision.sql says why).
-- Where an outside server's administrator is no superuser the right is missing, and it is logged.
SELECT set_config('log_min_messages', 'fatal', true) WHERE has_parameter_privilege('log_min_messages', 'SET');

-- name: tenant_tables
-- Every table of tenants' rows that the app role can use in some way, and whether a policy of another form opens it.
SELECT c.oid::regclass::text AS name,
    has_column_privilege(c.oid, 'tenant_id', 'SELECT') AS reads,
    has_column_privilege(c.oid, 'tenant_id', 'INSERT') AS inserts,
    has_column_privilege(c.oid, 'tenant_id', 'UPDATE') AS updates,
    has_table_privilege(c.oid, 'DELETE') AS deletes,
    CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS plain
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%'
    AND has_schema_privilege(n.oid, 'USAGE')
    AND has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE')
ORDER BY 1;

-- name: any_of
SELECT count(*) FROM (SELECT FROM {table} WHERE tenant_id = %(tenant)s LIMIT 1) found;

-- name: any_but
SELECT count(*) FROM (SELECT FROM {table} WHERE tenant_id <> %(tenant)s LIMIT 1) found;

-- name: any_at_all
SELECT count(*) FROM (SELECT FROM {table} LIMIT 1) found;

-- name: update_of
UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = %(tenant)s;

-- name: delete_of
DELETE FROM {table} WHERE tenant_id = %(tenant)s;

-- name: insert_of
-- Only the tenant is given: policies are checked before the columns that must not be null.
INSERT INTO {table} (tenant_id) VALUES (%(tenant)s);

-- name: keep_in_session
-- What somebody with SQL of their own would try, to open the connection's next transaction.
SELECT set_config('safehold.ticket', current_setting('safehold.ticket'), false);

-- name: references
-- Every foreign key between tenants' tables, with the columns beside tenant_id.
SELECT c.conname, f.oid::regclass::text AS from_table, t.oid::regclass::text AS to_table,
    (SELECT array_agg(quote_ident(a.attname) ORDER BY p.place) FROM unnest(c.conkey) WITH ORDINALITY AS p (number, place)
     JOIN pg_attribute a ON a.attrelid = f.oid AND a.attnum = p.number) AS from_columns,
    (SELECT array_agg(quote_ident(a.attname) ORDER BY p.place) FROM unnest(c.confkey) WITH ORDINALITY AS p (number, place)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = p.number) AS to_columns,
    (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = f.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND has_column_privilege(f.oid, a.attnum, 'INSERT')) AS all_columns
FROM pg_constraint c JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
WHERE c.contype = 'f' AND c.conparentid = 0
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
ORDER BY 1;

-- name: a_key_of
SELECT {columns} FROM {table} WHERE tenant_id = %(tenant)s LIMIT 1;

-- name: repoint
UPDATE {table} SET ({columns}) = ROW ({values})
WHERE ctid = (SELECT ctid FROM {table} WHERE tenant_id = %(tenant)s LIMIT 1);

-- name: copy_repointed
INSERT INTO {table} ({all_columns}) SELECT {selected} FROM {table} WHERE tenant_id = %(tenant)s LIMIT 1;

-- name: check_now
SET CONSTRAINTS ALL IMMEDIATE;
