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
WHERE NOT r.rolsuper AND pg_has_role(r.oid, 'pg_write_all_data', 'MEMBER') AND r.rolname <> 'pg_write_all_data';

-- name: refusal
-- The text of the function behind the triggers.
SELECT prosrc FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('safehold.refuse_change()');

-- name: of_this_transaction
-- The events that the open transaction has written.
SELECT id, type FROM audit_event WHERE tenant_id = %(log)s AND xid = pg_current_xact_id();

-- name: newest_bodies
-- The newest events of a log, as they are hashed.
SELECT body FROM audit_event WHERE tenant_id = %(log)s ORDER BY id DESC LIMIT %(most)s;
