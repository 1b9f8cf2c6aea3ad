-- The whole catalogue against the rules of isolation. Each part is one rule and returns, for each fault, the object and
-- the reason; a part that returns nothing was kept. They read the system catalogues only, and every role may run them.
--
-- Parameters: %(exempt)s tables outside the tenants, %(lasting)s those of them that are always there, %(open)s policies
-- and %(indexes)s indexes of another form, %(measured)s columns with planner statistics, and
-- %(unpinned)s functions without a search_path, %(doors)s those that let staff in, or let the app role use the queue, and
-- %(powers)s those with an administrator's rights, each with the SHA-256 of its text, all as the rooms declare them, with
-- reasons, in their tables.py. Names in the schema public stand bare, others with their schema.
--
-- `ours` is every relation that isn't the system's; `tenants` those of them that hold tenants' rows.

-- name: objects
-- What is looked at, for the evidence.
SELECT count(*) FILTER (WHERE relkind IN ('r', 'p')), count(*) FILTER (WHERE relkind IN ('v', 'm')),
    count(*) FILTER (WHERE relkind IN ('i', 'I')), count(*) FILTER (WHERE relkind = 'S'),
    (SELECT count(*) FROM pg_policy), (SELECT count(*) FROM pg_constraint WHERE contype = 'f'),
    (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%';

-- name: with_ours
WITH ours AS (
    SELECT c.*, n.nspname,
        CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%'
), tenants AS (
    SELECT * FROM ours WHERE relkind IN ('r', 'p') AND name <> ALL (%(exempt)s::text[])
), keyed AS (
    SELECT a.attrelid, a.attnum, a.atttypid, a.attnotnull FROM pg_catalog.pg_attribute a
    WHERE a.attname = 'tenant_id' AND NOT a.attisdropped
)

-- name: not_forced
-- A tenant table whose policies don't bind everybody, its owner too.
SELECT name, CASE
    WHEN NOT relrowsecurity THEN 'row-level security is not enabled'
    ELSE 'row-level security does not bind the owner (FORCE)' END
FROM tenants WHERE NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL
SELECT name, 'has policies that do not bind the owner (FORCE)' FROM ours
WHERE relkind IN ('r', 'p') AND relrowsecurity AND NOT relforcerowsecurity AND name = ANY (%(exempt)s::text[])
UNION ALL
SELECT name, 'has policies that are not enabled' FROM ours
WHERE relkind IN ('r', 'p') AND NOT relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = ours.oid);

-- name: no_tenant
-- A tenant table whose rows may be nobody's.
SELECT name, CASE
    WHEN k.attnum IS NULL THEN 'has no column tenant_id and is not declared to stand outside the tenants'
    WHEN k.atttypid <> 'pg_catalog.uuid'::regtype THEN 'its tenant_id is no uuid'
    ELSE 'its tenant_id may be null' END
FROM tenants LEFT JOIN keyed k ON k.attrelid = tenants.oid
WHERE k.attnum IS NULL OR k.atttypid <> 'pg_catalog.uuid'::regtype OR NOT k.attnotnull;

-- name: no_policy
-- A tenant table that nobody can use, which hides that its policies were forgotten. The parts of a table are to have
-- none: they are reached through the whole, by its policies.
SELECT name, 'has no policy' FROM tenants
WHERE NOT relispartition AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = tenants.oid AND p.polpermissive);

-- name: open_policy
-- A permissive policy that opens rows by anything but the scope's tenant, and isn't declared with a reason.
SELECT t.name || '.' || p.polname, CASE
    WHEN p.polroles @> ARRAY[0::oid] THEN 'opens rows to PUBLIC'
    ELSE 'opens rows by something else than the tenant of the scope: ' || shown.expression END
FROM tenants t JOIN pg_policy p ON p.polrelid = t.oid
CROSS JOIN LATERAL (VALUES (pg_get_expr(p.polqual, p.polrelid)), (pg_get_expr(p.polwithcheck, p.polrelid)))
    AS shown (expression)
WHERE p.polpermissive AND shown.expression IS NOT NULL AND p.polroles <> ARRAY['safehold_staff'::regrole::oid]
    AND (p.polroles @> ARRAY[0::oid] OR (
    shown.expression !~ (
        '^\(tenant_id = \( SELECT safehold\.'
        '(scope_tenant|scope_tenant_or_null|scope_log|scope_log_write)\(\) AS \w+\)\)$'
    ) AND t.name || '.' || p.polname <> ALL (%(open)s::text[])))
UNION ALL
SELECT o.name || '.' || p.polname, 'goes by the log that may be read, which opens it to guests'
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
WHERE concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) LIKE '%%scope_log()%%'
    AND o.name NOT LIKE 'audit\_%%'
UNION ALL
SELECT o.name || '.' || p.polname, 'goes by a plain setting, which any statement can change'
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
WHERE p.polpermissive AND concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) LIKE '%%current_setting%%'
UNION ALL
SELECT o.name || '.' || p.polname, 'opens every row to the app role'
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
WHERE p.polpermissive AND 'true' IN (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    AND (p.polroles @> ARRAY[0::oid] OR p.polroles @> ARRAY['safehold_app'::regrole::oid])
    AND o.name || '.' || p.polname <> ALL (%(open)s::text[]);

-- name: staff
-- Something that staff reach otherwise than by a grant of the moment, or more than to read: a policy of another form, a
-- right without such a policy, a function beside the two that the policies call.
SELECT o.name || '.' || p.polname, CASE
    WHEN NOT p.polpermissive OR p.polcmd <> 'r' THEN 'lets staff do more than read'
    WHEN p.polroles <> ARRAY['safehold_staff'::regrole::oid] THEN 'is shared between staff and another role'
    ELSE 'opens rows to staff by something else than a grant' END
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
WHERE p.polroles @> ARRAY['safehold_staff'::regrole::oid] AND NOT (
    p.polpermissive AND p.polcmd = 'r' AND p.polroles = ARRAY['safehold_staff'::regrole::oid]
    AND pg_get_expr(p.polqual, p.polrelid) ~ (
        '^\(\((tenant_id|id) = \( SELECT safehold\.staff_tenant\(\) AS \w+\)\) AND '
        '\(clock_timestamp\(\) < \( SELECT safehold\.staff_until\(\) AS \w+\)\)\)$'
    )
    AND (o.oid = ANY (SELECT attrelid FROM keyed) OR o.name = 'tenancy_tenant')
)
UNION ALL
SELECT o.name, 'grants ' || a.privilege_type || ' to safehold_staff'
    || CASE a.privilege_type WHEN 'SELECT' THEN ' without a policy that asks for a grant' ELSE '' END
FROM ours o CROSS JOIN LATERAL aclexplode(o.relacl) a
WHERE a.grantee = 'safehold_staff'::regrole AND (a.privilege_type <> 'SELECT' OR NOT o.relrowsecurity OR NOT EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = o.oid AND p.polroles = ARRAY['safehold_staff'::regrole::oid]
))
UNION ALL
SELECT o.name || '.' || c.attname, 'grants ' || a.privilege_type || ' to safehold_staff'
FROM ours o JOIN pg_attribute c ON c.attrelid = o.oid CROSS JOIN LATERAL aclexplode(c.attacl) a
WHERE a.grantee = 'safehold_staff'::regrole
UNION ALL
SELECT n.nspname || '.' || p.proname, 'may be called by safehold_staff'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL aclexplode(p.proacl) a
WHERE a.grantee = 'safehold_staff'::regrole
    AND n.nspname || '.' || p.proname NOT IN ('safehold.staff_tenant', 'safehold.staff_until')
UNION ALL
SELECT 'safehold.' || p.proname, 'isn''t the function that asks for a grant or a guest''s place'
FROM pg_proc p WHERE p.pronamespace = 'safehold'::regnamespace AND p.proname ~ '^(staff|guest)_'
    AND 'safehold.' || p.proname || ' ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') <> ALL (%(doors)s::text[]);

-- name: queue
-- The queue of background jobs, which all tenants share, within reach of anybody but its own login; that login reaching
-- anything else; another text behind the doors that the app role uses it by; or the queue telling every login of a job.
SELECT o.name, 'grants ' || a.privilege_type || ' on the queue to ' || coalesce(r.rolname::text, 'PUBLIC')
FROM ours o CROSS JOIN LATERAL aclexplode(o.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE o.relname LIKE 'procrastinate\_%%' AND a.grantee NOT IN (o.relowner, 'safehold_queue'::regrole)
UNION ALL
SELECT o.name || '.' || c.attname, 'grants ' || a.privilege_type || ' on the queue to ' || coalesce(r.rolname::text, 'PUBLIC')
FROM ours o JOIN pg_attribute c ON c.attrelid = o.oid CROSS JOIN LATERAL aclexplode(c.attacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE o.relname LIKE 'procrastinate\_%%' AND a.grantee NOT IN (o.relowner, 'safehold_queue'::regrole)
UNION ALL
SELECT n.nspname || '.' || p.proname, CASE
    WHEN p.prosecdef THEN 'is a function of the queue that has its owner''s rights'
    ELSE 'of the queue may be called by ' || coalesce(r.rolname::text, 'PUBLIC') END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE p.proname LIKE 'procrastinate\_%%'
    AND (p.prosecdef OR a.grantee NOT IN (p.proowner, 'safehold_queue'::regrole))
UNION ALL
SELECT o.name, 'grants ' || a.privilege_type || ' to safehold_queue'
FROM ours o CROSS JOIN LATERAL aclexplode(o.relacl) a
WHERE o.relname NOT LIKE 'procrastinate\_%%' AND a.grantee = 'safehold_queue'::regrole
UNION ALL
SELECT o.name || '.' || c.attname, 'grants ' || a.privilege_type || ' to safehold_queue'
FROM ours o JOIN pg_attribute c ON c.attrelid = o.oid CROSS JOIN LATERAL aclexplode(c.attacl) a
WHERE o.relname NOT LIKE 'procrastinate\_%%' AND a.grantee = 'safehold_queue'::regrole
UNION ALL
SELECT o.name || '.' || p.polname, 'is a policy for safehold_queue'
FROM ours o JOIN pg_policy p ON p.polrelid = o.oid WHERE p.polroles @> ARRAY['safehold_queue'::regrole::oid]
UNION ALL
SELECT 'schema ' || n.nspname, 'grants ' || a.privilege_type || ' to safehold_queue'
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
WHERE a.grantee = 'safehold_queue'::regrole AND n.nspname <> 'public'
UNION ALL
SELECT n.nspname || '.' || p.proname, 'may be called by safehold_queue'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL aclexplode(p.proacl) a
WHERE p.proname NOT LIKE 'procrastinate\_%%' AND a.grantee = 'safehold_queue'::regrole
UNION ALL
SELECT 'safehold.' || p.proname, 'isn''t the function that guards the queue'
FROM pg_proc p WHERE p.pronamespace = 'safehold'::regnamespace AND p.proname LIKE 'job\_%%'
    AND 'safehold.' || p.proname || ' ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') <> ALL (%(doors)s::text[])
UNION ALL
SELECT o.name, 'tells every login of each job, by the trigger ' || t.tgname
FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname LIKE 'procrastinate\_notify\_%%' AND t.tgenabled <> 'D';

-- name: index_not_led
-- An index that isn't led by the tenant: it is useless below a policy, or serves a question across tenants.
SELECT i.relname, 'on ' || t.name || ' is not led by tenant_id'
FROM tenants t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
JOIN keyed k ON k.attrelid = t.oid
WHERE x.indkey[0] <> k.attnum AND i.relname <> ALL (%(indexes)s::text[]) AND NOT i.relispartition;

-- name: key_across_tenants
-- A key over the rows of all tenants that ON CONFLICT can go by: it tells, and on some servers shows, another's row.
SELECT i.relname, 'on ' || t.name || ' is unique across tenants and not deferrable'
FROM tenants t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
JOIN keyed k ON k.attrelid = t.oid
WHERE x.indisunique AND x.indimmediate AND NOT (k.attnum = ANY (x.indkey::int2[]))
    AND has_any_column_privilege('safehold_app', t.oid, 'INSERT');

-- name: view
-- A relation that shows rows with its owner's rights, or that policies can't reach.
SELECT name, CASE relkind
    WHEN 'v' THEN 'is a view with its owner''s rights (security_invoker is off)'
    WHEN 'm' THEN 'is a materialised view: policies do not reach its rows'
    ELSE 'is a foreign table: policies do not reach its rows' END
FROM ours
WHERE relkind IN ('m', 'f') OR (relkind = 'v' AND NOT coalesce(reloptions::text[], '{}') && ARRAY[
    'security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'
]);

-- name: rule
-- A rule that rewrites statements on a table, past the reader's eye.
SELECT ours.name, 'has the rewrite rule ' || r.rulename
FROM ours JOIN pg_rewrite r ON r.ev_class = ours.oid WHERE ours.relkind IN ('r', 'p');

-- name: child
-- A part of a table with grants of its own: read directly, only its own policies count.
SELECT c.name, 'is a part of ' || i.inhparent::regclass || ' and is granted by itself'
FROM ours c JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND has_any_column_privilege('safehold_app', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES');

-- name: sequence
-- A counter shared by tenants: its numbers tell each how busy the others are.
SELECT s.name, 'counts the rows of all tenants in ' || t.name
FROM ours s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN tenants t ON t.oid = d.refobjid WHERE s.relkind = 'S';

-- name: reference
-- A foreign key between tenants' tables that doesn't hold both ends in one tenant: checks of references see all rows.
SELECT c.conname, 'from ' || f.name || ' to ' || t.name || ' does not pair tenant_id with tenant_id'
FROM pg_constraint c JOIN ours f ON f.oid = c.conrelid JOIN ours t ON t.oid = c.confrelid
JOIN keyed kf ON kf.attrelid = f.oid JOIN keyed kt ON kt.attrelid = t.oid
WHERE c.contype = 'f' AND NOT EXISTS (
    SELECT FROM unnest(c.conkey, c.confkey) AS pair (mine, theirs)
    WHERE pair.mine = kf.attnum AND pair.theirs = kt.attnum
);

-- name: statistics
-- What the planner keeps of a policed table's values. It is made of all tenants' rows, and EXPLAIN shows estimates made
-- from it to whom policies show no row.
SELECT o.name || '.' || a.attname, 'has planner statistics, which tell of all tenants'' values'
FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid
WHERE o.relkind IN ('r', 'p') AND o.relrowsecurity AND a.attnum > 0 AND NOT a.attisdropped
    AND coalesce(a.attstattarget, -1) <> 0 AND a.attname <> 'tenant_id'
    AND o.name || '.' || a.attname <> ALL (%(measured)s::text[])
UNION ALL
SELECT i.relname, 'on ' || o.name || ' has planner statistics of what it computes'
FROM ours o JOIN pg_index x ON x.indrelid = o.oid JOIN pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS computed (number, place)
JOIN pg_attribute a ON a.attrelid = i.oid AND a.attnum = computed.place
WHERE o.relrowsecurity AND computed.number = 0 AND coalesce(a.attstattarget, -1) <> 0
UNION ALL
SELECT s.stxname, 'on ' || o.name || ' are extended statistics of all tenants'' values'
FROM ours o JOIN pg_statistic_ext s ON s.stxrelid = o.oid
WHERE o.relrowsecurity;

-- name: grant
-- A right to everybody, or one that policies don't govern, to a role that serves.
SELECT o.name, 'grants ' || a.privilege_type || ' to ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname::text END
FROM ours o CROSS JOIN LATERAL aclexplode(o.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.grantee <> o.relowner AND (
    a.grantee = 0 OR a.is_grantable
    OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')
)
UNION ALL
SELECT o.name || '.' || c.attname, 'grants ' || a.privilege_type || ' to '
    || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname::text END
FROM ours o JOIN pg_attribute c ON c.attrelid = o.oid
CROSS JOIN LATERAL aclexplode(c.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.grantee = 0 OR a.is_grantable OR a.privilege_type = 'REFERENCES'
UNION ALL
SELECT 'schema ' || n.nspname, 'grants ' || a.privilege_type || ' to '
    || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname::text END
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%' AND a.grantee <> n.nspowner
    AND (a.grantee = 0 OR (a.privilege_type = 'CREATE' AND r.rolname LIKE 'safehold\_%%' AND r.rolname <> 'safehold_owner'))
UNION ALL
SELECT 'database ' || d.datname, 'grants ' || a.privilege_type || ' to '
    || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE r.rolname::text END
FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = current_database() AND a.grantee <> d.datdba AND (a.grantee = 0 OR a.privilege_type <> 'CONNECT');

-- name: standing_grant
-- Rights that every table to come would be born with.
SELECT 'default privileges of ' || r.rolname, 'grant ' || a.privilege_type || ' to '
    || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE g.rolname::text END
FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole
CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE a.grantee <> d.defaclrole;

-- name: function
-- A function that everybody may call, that has its owner's rights with names that can be shadowed, or that lies about
-- how its answers change.
SELECT n.nspname || '.' || p.proname, 'may be called by everybody'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%' AND a.grantee = 0
    AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
UNION ALL
SELECT n.nspname || '.' || p.proname, 'has its owner''s rights and no pinned search_path that ends with pg_temp'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%' AND p.prosecdef
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s ~ '^search_path=.*pg_temp"?$')
    AND n.nspname || '.' || p.proname || ' ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') <> ALL (%(unpinned)s::text[])
UNION ALL
SELECT n.nspname || '.' || p.proname, 'has the rights of ' || r.rolname
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%%' AND p.prosecdef
    AND r.rolname <> 'safehold_owner' AND NOT (
        n.nspname = 'safehold_guard' AND p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)
    ) AND n.nspname || '.' || p.proname || ' ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') <> ALL (%(powers)s::text[])
UNION ALL
SELECT n.nspname || '.' || p.proname, 'tells the scope but is declared to answer always the same'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'safehold' AND p.proname LIKE 'scope\_%%' AND p.provolatile <> 's';

-- name: ticket_key
-- The keys of the tickets in reach of a role that serves.
SELECT 'safehold.ticket_key', 'can be used by ' || r.rolname
FROM pg_roles r
WHERE r.rolname IN ('safehold_app', 'safehold_sealer', 'safehold_backup', 'safehold_staff', 'safehold_queue')
    AND has_any_column_privilege(r.rolname, 'safehold.ticket_key', 'SELECT, INSERT, UPDATE, REFERENCES');

-- name: role
-- A role that serves and could go round policies.
SELECT r.rolname, 'has the attribute ' || attribute
FROM pg_roles r CROSS JOIN LATERAL (VALUES
    ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('CREATEROLE', r.rolcreaterole),
    ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication)
) AS held (attribute, present)
WHERE r.rolname IN (
    'safehold_owner', 'safehold_app', 'safehold_sealer', 'safehold_backup', 'safehold_staff', 'safehold_queue'
) AND present
UNION ALL
SELECT r.rolname, 'is a member of ' || g.rolname
FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
WHERE r.rolname IN (
    'safehold_owner', 'safehold_app', 'safehold_sealer', 'safehold_backup', 'safehold_staff', 'safehold_queue'
)
UNION ALL
SELECT r.rolname, 'owns ' || count(*) || ' object(s)'
FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
WHERE s.deptype = 'o' AND s.refclassid = 'pg_authid'::regclass
    AND r.rolname IN ('safehold_app', 'safehold_sealer', 'safehold_backup', 'safehold_staff', 'safehold_queue')
GROUP BY r.rolname;

-- name: way_out
-- A way for rows to leave without policies.
SELECT 'publication ' || pubname, 'sends rows out without policies' FROM pg_publication
UNION ALL
SELECT 'foreign server ' || srvname, 'lets statements leave the database' FROM pg_foreign_server
UNION ALL
SELECT 'large objects', count(*) || ' are kept, which no policy governs' FROM pg_largeobject_metadata HAVING count(*) > 0;

-- name: guard
-- The guard, where an administrator could make it, switched off or gone.
SELECT 'the guard of new tables', 'is switched off or gone'
FROM pg_namespace n WHERE n.nspname = 'safehold_guard' AND NOT EXISTS (
    SELECT FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
    WHERE e.evtname = 'safehold_guard' AND e.evtenabled IN ('O', 'A') AND p.pronamespace = n.oid
) OR n.nspname = 'safehold_guard' AND NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = n.oid AND t.tgname = 'refuse_open' AND t.tgenabled IN ('O', 'A')
);

-- name: declared_in_vain
-- A declaration about something that isn't there: it would excuse whatever takes the name.
SELECT wanted, 'is declared to stand outside the tenants and does not exist' FROM unnest(%(lasting)s::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM ours WHERE relkind IN ('r', 'p') AND name = wanted)
UNION ALL
SELECT wanted, 'is declared as a policy and does not exist' FROM unnest(%(open)s::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_policy p JOIN ours ON ours.oid = p.polrelid WHERE name || '.' || polname = wanted)
UNION ALL
SELECT wanted, 'is declared as a column with statistics and does not exist' FROM unnest(%(measured)s::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_attribute a JOIN ours ON ours.oid = a.attrelid WHERE name || '.' || a.attname = wanted)
UNION ALL
SELECT wanted, 'is declared as an index and does not exist' FROM unnest(%(indexes)s::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM ours WHERE relkind IN ('i', 'I') AND relname = wanted);
