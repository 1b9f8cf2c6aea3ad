-- Statements that Django's query sets can't say.

-- name: add
-- Adds counts to what stands there. In the order of the key, so that two processes which write down at once can't wait
-- for each other.
INSERT INTO usage_count (tenant_id, day, route, count)
SELECT %(tenant)s, day, route, sum(count)
FROM unnest(%(days)s::date[], %(routes)s::text[], %(counts)s::bigint[]) AS counted (day, route, count)
GROUP BY day, route
ORDER BY day, route
ON CONFLICT (tenant_id, day, route) DO UPDATE SET count = usage_count.count + excluded.count;

-- name: as_text
-- Every row of the scope's tenant as the text that it holds, but for the tenant's own id.
SELECT (to_jsonb(usage_count) - 'tenant_id')::text FROM usage_count WHERE tenant_id = %(tenant)s;

-- name: columns
-- What the table has room for.
SELECT attname FROM pg_catalog.pg_attribute
WHERE attrelid = 'public.usage_count'::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attname;
