-- What the check of the queue asks, as the app role.

-- name: relations
-- Every table, view and sequence of the library, with a column of it, as the catalogue writes them.
SELECT c.oid::regclass::text, c.relkind::text, (
    SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attidentity, a.attnum LIMIT 1
) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'procrastinate\_%'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
ORDER BY 1;

-- name: functions
-- Every function of the library that can be called, with nothing for each of its arguments.
SELECT quote_ident(p.proname) || '(' || coalesce((
    SELECT string_agg('NULL::' || format_type(a.type, NULL), ', ' ORDER BY a.place)
    FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, place)
), '') || ')' FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate\_%'
    AND p.prorettype <> 'trigger'::regtype
ORDER BY 1;
