-- What purging runs, as the sealer.

-- name: records
-- The last purge that each log tells of itself, with the place of the record.
SELECT e.tenant_id, max(l.index), max((convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum')::bigint)
FROM audit_event e
JOIN audit_leaf l ON l.tenant_id = e.tenant_id AND l.event_id = e.id AND l.digest = e.digest
WHERE e.type = 'log.purged' AND e.target LIKE '%%/' || CASE e.tenant_id
    WHEN '00000000-0000-0000-0000-000000000000' THEN 'platform' ELSE e.tenant_id::text END
    AND e.tenant_id IN (SELECT k.tenant_id FROM audit_keeping k)
GROUP BY e.tenant_id;

-- name: months
-- The months of each class that ended before a moment: class, beginning, end.
SELECT class, month, (month + interval '1 month') FROM (
    SELECT substr(c.relname, 13, 1)::smallint AS class,
        to_date(substr(c.relname, 16), 'YYYY_MM')::timestamp AT TIME ZONE 'UTC' AS month
    FROM pg_catalog.pg_class c WHERE c.relispartition AND c.relnamespace = 'public'::regnamespace
        AND c.relkind = 'r' AND c.relname ~ '^audit_event_[135]y_[0-9]{4}_[0-9]{2}$'
) AS parts
WHERE month + interval '1 month' <= %(floor)s
ORDER BY month, class;

-- name: lessened
-- Whether a class's month has an event of a log that is kept for less than the class says.
SELECT true FROM audit_keeping k
WHERE safehold.keeping_class(k.years) < %(class)s AND EXISTS (
    SELECT FROM audit_event e
    WHERE e.tenant_id = k.tenant_id AND e.class = %(class)s
        AND e.id >= safehold.first_id(%(start)s) AND e.id < safehold.first_id(%(end)s)
)
LIMIT 1;

-- name: drop
SELECT gone, stayed FROM safehold_guard.purge_month(%(class)s::smallint, %(month)s::date, %(logs)s::uuid[]);
