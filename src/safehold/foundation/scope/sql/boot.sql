-- What would make a process's database role unsafe to serve with. Each part returns one line of text for each fault and
-- reads the system catalogues only. The role is the one that is logged in.

-- name: attributes
-- A right that goes round policies or hands out rights.
SELECT 'it has the attribute ' || attribute
FROM pg_catalog.pg_roles r, LATERAL (VALUES
    ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('CREATEROLE', r.rolcreaterole),
    ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)
) AS held (attribute, present)
WHERE r.rolname = session_user AND present;

-- name: memberships
-- A role that it can become or whose rights it has, at any remove.
WITH RECURSIVE reach (role, path) AS (
    SELECT r.oid, r.rolname::text FROM pg_catalog.pg_roles r WHERE r.rolname = session_user
    UNION
    SELECT m.roleid, reach.path || ' → ' || g.rolname
    FROM reach
    JOIN pg_catalog.pg_auth_members m ON m.member = reach.role
    JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
)
SELECT 'it is a member of another role: ' || path FROM reach WHERE path LIKE '% → %' ORDER BY path;

-- name: possessions
-- Something it owns, in any database: owners can switch policies off, and owner's rights can't be taken away.
SELECT 'it owns ' || count(*) || ' object(s) in '
    || coalesce('the database ' || d.datname, 'the server') || ', of the catalogue ' || s.classid::regclass
FROM pg_catalog.pg_shdepend s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.deptype = 'o' AND s.refclassid = 'pg_catalog.pg_authid'::regclass
    AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user)
GROUP BY d.datname, s.classid;

-- name: privileges
-- A privilege on a table that policies don't govern.
SELECT 'it holds ' || privilege || ' on ' || c.oid::regclass
FROM pg_catalog.pg_class c
CROSS JOIN LATERAL unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace <> 'pg_catalog'::regnamespace
    AND pg_catalog.has_table_privilege(session_user, c.oid, privilege)
ORDER BY 1;

-- name: creation
-- A place where it could make tables, functions or operators, and so shadow ours.
SELECT 'it may create objects in the schema ' || n.nspname
FROM pg_catalog.pg_namespace n
WHERE pg_catalog.has_schema_privilege(session_user, n.oid, 'CREATE') AND n.nspname NOT LIKE 'pg\_temp%'
UNION ALL
SELECT 'it holds ' || privilege || ' on the database'
FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
WHERE pg_catalog.has_database_privilege(session_user, pg_catalog.current_database(), privilege);

-- name: settings
-- A ticket, or another role, that every session of it would begin with.
SELECT 'its sessions begin with the setting ' || split_part(setting, '=', 1)
FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
WHERE s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
    AND s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    AND (setting LIKE 'safehold.%' OR split_part(setting, '=', 1) IN ('role', 'session_authorization', 'row_security'));

-- name: on_the_queue
-- A right on the queue of background jobs, which tells and changes what other tenants' jobs are. Asked of every login but
-- the queue's own.
SELECT 'it holds ' || privilege || ' on the job queue: ' || c.oid::regclass
FROM pg_catalog.pg_class c
CROSS JOIN LATERAL unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname LIKE 'procrastinate\_%' AND CASE privilege
    WHEN 'DELETE' THEN pg_catalog.has_table_privilege(session_user, c.oid, privilege)
    ELSE pg_catalog.has_any_column_privilege(session_user, c.oid, privilege) END
UNION ALL
SELECT 'it may use a counter of the job queue: ' || c.oid::regclass
FROM pg_catalog.pg_class c
WHERE c.relname LIKE 'procrastinate\_%' AND CASE c.relkind
    WHEN 'S' THEN pg_catalog.has_sequence_privilege(session_user, c.oid, 'USAGE, SELECT, UPDATE') END
UNION ALL
SELECT 'it may call a function of the job queue: ' || p.proname
FROM pg_catalog.pg_proc p
WHERE p.proname LIKE 'procrastinate\_%' AND p.prorettype <> 'pg_catalog.trigger'::regtype
    AND pg_catalog.has_function_privilege(session_user, p.oid, 'EXECUTE');

-- name: beyond_the_queue
-- A right on anything but the queue of background jobs. Asked of the queue's login.
SELECT 'it holds ' || privilege || ' on ' || c.oid::regclass || ', which is not the job queue''s'
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT LIKE 'procrastinate\_%'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND CASE privilege
    WHEN 'DELETE' THEN pg_catalog.has_table_privilege(session_user, c.oid, privilege)
    ELSE pg_catalog.has_any_column_privilege(session_user, c.oid, privilege) END
UNION ALL
SELECT 'it may use the schema ' || n.nspname FROM pg_catalog.pg_namespace n
WHERE n.nspname NOT IN ('public', 'information_schema', 'pg_catalog')
    AND pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
UNION ALL
SELECT 'it may call ' || p.proname || ', which is not the job queue''s'
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%' AND p.proname NOT LIKE 'procrastinate\_%'
    AND p.prorettype NOT IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
    AND pg_catalog.has_function_privilege(session_user, p.oid, 'EXECUTE');
