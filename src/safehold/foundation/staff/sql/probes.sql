-- What the request path and the checks ask at the door, as the staff's role. Names in braces come from the catalogue.

-- name: ask_at_the_door
SELECT safehold.staff_tenant();

-- name: readable
-- Every table of tenants' rows that the staff's role may read, with the column that says whose a row is.
SELECT c.oid::regclass::text, CASE WHEN c.relname = 'tenancy_tenant' THEN 'id' ELSE 'tenant_id' END
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    AND has_table_privilege('safehold_staff', c.oid, 'SELECT')
ORDER BY 1;

-- name: any_but
SELECT count(*) FROM (SELECT FROM {table} WHERE {column} <> %(tenant)s LIMIT 1) found;

-- name: any_of
SELECT count(*) FROM (SELECT FROM {table} WHERE {column} = %(tenant)s LIMIT 1) found;

-- name: would_open
-- What the door's rule says of an account in the scope's own tenant, as the app's role.
SELECT safehold.staff_would_open(%(account)s) IS NOT NULL;
