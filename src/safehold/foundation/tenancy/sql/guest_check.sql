-- What the check of guests asks the catalogue.

-- name: tables
-- Every table with a policy that the app role may read from: those are what a guest's statement could ask.
SELECT c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relrowsecurity
    AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY c.relname;
