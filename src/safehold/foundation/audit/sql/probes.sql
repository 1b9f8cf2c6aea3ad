-- What the checks of the log's promises run. None of it changes anything: attempts match no row and are rolled back.

-- name: attempts
UPDATE audit_event SET tenant_id = tenant_id WHERE false;
DELETE FROM audit_event WHERE false;
TRUNCATE audit_event;
UPDATE audit_leaf SET tenant_id = tenant_id WHERE false;
DELETE FROM audit_leaf WHERE false;
TRUNCATE audit_leaf;
UPDATE audit_node SET tenant_id = tenant_id WHERE false;
DELETE FROM audit_node WHERE false;
TRUNCATE audit_node;
UPDATE audit_checkpoint SET tenant_id = tenant_id WHERE false;
DELETE FROM audit_checkpoint WHERE false;
TRUNCATE audit_checkpoint;
UPDATE audit_key SET key = key WHERE false;
DELETE FROM audit_key WHERE false;
TRUNCATE audit_key;

-- name: alterations
-- Ways to take a table's protection away, or the table. Tried on what nobody waits for: the list of keys, and the part of
-- the last month that is laid out ({part}, of {whole}); that the others are guarded likewise is read from the catalogue.
DROP TABLE {part};
DROP TABLE audit_key;
DROP TRIGGER refuse_change ON audit_key;
ALTER TABLE audit_key DISABLE TRIGGER refuse_change;
ALTER TABLE audit_key DISABLE TRIGGER ALL;
ALTER TABLE audit_key ENABLE REPLICA TRIGGER refuse_change_of_row;
ALTER TABLE audit_key DROP COLUMN since;
ALTER TABLE audit_key ALTER COLUMN since TYPE date;
ALTER TABLE audit_key ADD COLUMN more text;
ALTER TABLE audit_key SET UNLOGGED;
ALTER TABLE audit_key RENAME TO audit_old_key;
ALTER TABLE audit_key RENAME COLUMN key TO old_key;
ALTER TABLE audit_key SET SCHEMA safehold;
ALTER TABLE audit_key OWNER TO safehold_app;
ALTER TABLE {part} DISABLE ROW LEVEL SECURITY;
ALTER TABLE {part} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {whole} DETACH PARTITION {part};
CREATE POLICY way_in ON {part} USING (true);
CREATE RULE swallow AS ON INSERT TO audit_key DO INSTEAD NOTHING;
CREATE TRIGGER swallow BEFORE INSERT ON audit_key FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE OR REPLACE FUNCTION safehold.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
ALTER FUNCTION safehold.refuse_change() RENAME TO refused_change;
ALTER EVENT TRIGGER safehold_only_grows DISABLE;
DROP EVENT TRIGGER safehold_only_grows_drop;
SET session_replication_role = replica;

-- name: last_part
-- The part that the alterations are tried on, and the whole that it belongs to; null without the guard against them.
SELECT format('%I.%I', n.nspname, c.relname), 'public.audit_event_1y'
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE i.inhparent = to_regclass('public.audit_event_1y') AND c.relname <> 'audit_event_1y_rest'
    AND EXISTS (SELECT FROM pg_catalog.pg_namespace g WHERE g.nspname = 'safehold_guard')
ORDER BY c.relname DESC LIMIT 1;

-- name: hurry
-- An attempt that gets as far as waiting for a lock mustn't hold anybody up.
SET LOCAL lock_timeout = '100ms';

-- name: faults
-- What the catalogue says against the promise: a trigger that is missing, asleep or someone else's; a right to change
-- rows, whoever holds it; a role that may write every table.
WITH logged (name) AS (
    VALUES ('audit_event'), ('audit_leaf'), ('audit_node'), ('audit_checkpoint'), ('audit_key')
),
tables AS (
    SELECT name, to_regclass('public.' || name) AS id FROM logged
    UNION ALL
    SELECT relid::text, relid FROM pg_partition_tree(to_regclass('public.audit_event')) WHERE level > 0
),
needed (trigger, kind, what) AS (
    -- The numbers are pg_trigger's bits: before a row's update or delete; before a statement's update, delete, truncate.
    VALUES ('refuse_change_of_row', 27, 'rows'), ('refuse_change', 58, 'statements')
)
SELECT format('%s: there is no such table', name) FROM tables WHERE id IS NULL
UNION ALL
SELECT format('%s: no trigger that is always awake refuses changes to %s', name, what)
FROM tables, needed
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger t
    WHERE t.tgrelid = id AND t.tgname = trigger AND t.tgtype = kind AND t.tgenabled = 'A' AND t.tgqual IS NULL
        AND t.tgfoid = to_regprocedure('safehold.refuse_change()')
)
UNION ALL
SELECT format('%s: %s may %s', name, grantee::regrole, privilege_type)
FROM tables
JOIN pg_catalog.pg_class c ON c.oid = id,
    LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
WHERE privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
UNION ALL
SELECT format('%s.%s: %s may %s', name, a.attname, grantee::regrole, privilege_type)
FROM tables
JOIN pg_catalog.pg_attribute a ON a.attrelid = id, LATERAL aclexplode(a.attacl)
WHERE privilege_type = 'UPDATE'
UNION ALL
SELECT format('%s may write every table', r.rolname)
FROM pg_catalog.pg_roles r
WHERE NOT r.rolsuper AND pg_has_role(r.oid, 'pg_write_all_data', 'MEMBER') AND r.rolname <> 'pg_write_all_data'
UNION ALL
SELECT format('the guard %s is switched off or gone', watch)
FROM unnest(ARRAY['safehold_only_grows', 'safehold_only_grows_drop', 'safehold_only_grows_rewrite']) AS watch
JOIN pg_catalog.pg_namespace n ON n.nspname = 'safehold_guard'
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
    WHERE e.evtname = watch AND e.evtenabled IN ('O', 'A') AND p.pronamespace = n.oid
);

-- name: spoilt
-- What is otherwise than when it was made, by the guard's memory.
SELECT format('%s was altered past the guard', spoilt) FROM safehold_guard.spoilt() AS spoilt;

-- name: refusal
-- The text of the function behind the triggers.
SELECT prosrc FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('safehold.refuse_change()');

-- name: of_this_transaction
-- The events that the open transaction has written.
SELECT id, type FROM audit_event WHERE tenant_id = %(log)s AND xid = pg_current_xact_id();

-- name: newest_bodies
-- The newest events of a log, as they are hashed.
SELECT body FROM audit_event WHERE tenant_id = %(log)s ORDER BY id DESC LIMIT %(most)s;
-- name: logs_kept
-- Logs by the years that they are kept: how many, how many events were purged of them, how many holds are in force.
SELECT k.years, count(*), coalesce(sum(gone.minimum), 0)::bigint, coalesce(sum(held.count), 0)::bigint
FROM audit_keeping k
LEFT JOIN LATERAL (
    SELECT max((convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum')::bigint) AS minimum
    FROM audit_event e
    WHERE e.tenant_id = k.tenant_id AND e.type = 'log.purged' AND e.target LIKE '%/' || CASE k.tenant_id
        WHEN '00000000-0000-0000-0000-000000000000' THEN 'platform' ELSE k.tenant_id::text END
) AS gone ON true
LEFT JOIN LATERAL (
    SELECT count(*) FROM audit_hold h
    WHERE h.tenant_id = k.tenant_id AND h.ended_at IS NULL AND (h.until IS NULL OR h.until > clock_timestamp())
) AS held ON true
GROUP BY k.years ORDER BY k.years;

-- name: said
SELECT tenant_id, plan, years FROM audit_keeping;

-- name: unsaid
-- Logs that aren't in the list of what is kept how long, and could have something to purge. The log of logs is kept for
-- good.
SELECT l.origin FROM audit_log l
WHERE l.tenant_id <> '00000000-0000-0000-0000-000000000001'
    AND NOT EXISTS (SELECT FROM audit_keeping k WHERE k.tenant_id = l.tenant_id)
    AND EXISTS (
        SELECT FROM audit_event e
        WHERE e.tenant_id = l.tenant_id AND e.id < safehold.first_id(clock_timestamp() - interval '1 year')
    );

-- name: years
SELECT DISTINCT years FROM audit_keeping ORDER BY 1;

-- name: too_old
-- Logs of so many years with an event from before a moment that no hold keeps: the holds keep what comes after the first
-- event that they name, so a held log is judged by what comes before that.
SELECT k.tenant_id, old.at
FROM audit_keeping k
CROSS JOIN LATERAL (
    SELECT e.id, e.at FROM audit_event e
    WHERE e.tenant_id = k.tenant_id AND e.id < safehold.first_id(%(bound)s)
    ORDER BY e.id LIMIT 1
) AS old
WHERE k.years = %(years)s AND NOT EXISTS (
    SELECT FROM audit_hold h
    WHERE h.tenant_id = k.tenant_id AND (h.ended_at IS NULL OR h.ended_at > clock_timestamp() - interval '38 days')
        AND (h.subject = '' OR EXISTS (
            SELECT FROM audit_event e WHERE e.tenant_id = k.tenant_id AND h.subject IN (e.actor, e.target)
                AND e.id <= old.id
        ))
);

-- name: missing
-- The first places from a log's minimum on (what its last sealed purge record says) that have no event.
SELECT l.tenant_id, l.index
FROM audit_log g
CROSS JOIN LATERAL (
    SELECT coalesce(max((convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum')::bigint), 0) AS minimum
    FROM audit_event e JOIN audit_leaf p ON p.tenant_id = e.tenant_id AND p.event_id = e.id AND p.digest = e.digest
    WHERE e.tenant_id = g.tenant_id AND e.type = 'log.purged' AND e.target = g.origin
) AS said
CROSS JOIN LATERAL (
    SELECT f.tenant_id, f.index, f.event_id FROM audit_leaf f
    WHERE f.tenant_id = g.tenant_id AND f.index >= said.minimum ORDER BY f.index LIMIT 16
) AS l
WHERE NOT EXISTS (SELECT FROM audit_event e WHERE e.tenant_id = l.tenant_id AND e.id = l.event_id);

-- name: untold
-- Purges that a log tells of and the platform's log doesn't.
SELECT e.tenant_id, convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum'
FROM audit_event e JOIN audit_log g ON g.tenant_id = e.tenant_id AND g.origin = e.target
WHERE e.type = 'log.purged' AND e.tenant_id <> '00000000-0000-0000-0000-000000000000' AND NOT EXISTS (
    SELECT FROM audit_event p
    WHERE p.tenant_id = '00000000-0000-0000-0000-000000000000' AND p.type = 'log.purged' AND p.target = e.target
        AND convert_from(p.body, 'UTF8')::jsonb -> 'fields' = convert_from(e.body, 'UTF8')::jsonb -> 'fields'
);

-- name: too_young
-- Events below a log's minimum that weren't over when the purge was told of: older than a year they always are.
SELECT e.tenant_id, l.index, safehold.moment_of(l.event_id)
FROM audit_event e JOIN audit_log g ON g.tenant_id = e.tenant_id AND g.origin = e.target
CROSS JOIN LATERAL (
    SELECT f.index, f.event_id FROM audit_leaf f
    WHERE f.tenant_id = e.tenant_id
        AND f.index = (convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum')::bigint - 1
) AS l
WHERE e.type = 'log.purged' AND safehold.moment_of(l.event_id) > e.at - interval '1 year'
    AND NOT EXISTS (SELECT FROM audit_event k WHERE k.tenant_id = e.tenant_id AND k.id = l.event_id);

-- name: held_and_gone
-- The first place of a log that is held as a whole without its event, unless it went before the hold.
SELECT h.tenant_id, f.index
FROM audit_hold h
CROSS JOIN LATERAL (
    SELECT coalesce(max((convert_from(e.body, 'UTF8')::jsonb -> 'fields' ->> 'minimum')::bigint), 0) AS minimum
    FROM audit_event e JOIN audit_log g ON g.tenant_id = e.tenant_id AND g.origin = e.target
    WHERE e.tenant_id = h.tenant_id AND e.type = 'log.purged' AND e.at <= h.placed_at
) AS before
CROSS JOIN LATERAL (
    SELECT l.index, l.event_id FROM audit_leaf l
    WHERE l.tenant_id = h.tenant_id AND l.index >= before.minimum ORDER BY l.index LIMIT 16
) AS f
WHERE h.subject = '' AND h.ended_at IS NULL AND (h.until IS NULL OR h.until > clock_timestamp())
    AND NOT EXISTS (SELECT FROM audit_event e WHERE e.tenant_id = h.tenant_id AND e.id = f.event_id);

-- name: rests
-- Parts for what no month fits that aren't empty.
SELECT rest::text FROM unnest(ARRAY[
    'audit_event_rest', 'audit_event_1y_rest', 'audit_event_3y_rest', 'audit_event_5y_rest'
]::regclass[]) AS rest
WHERE pg_relation_size(rest) > 0 AND EXISTS (SELECT FROM audit_event e WHERE e.tableoid = rest);

-- name: no_month
-- Classes without a part for the month to come.
SELECT format('audit_event_%sy', class) FROM unnest(ARRAY[1, 3, 5]) AS class
WHERE to_regclass(format(
    'audit_event_%sy_%s', class, to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM')
)) IS NULL;
