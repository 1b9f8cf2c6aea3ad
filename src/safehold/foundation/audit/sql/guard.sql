-- The guard of what only grows: an append-only table can't be dropped, detached, renamed, rewritten, opened or relieved of
-- its triggers, and the function behind them can't be replaced, not even by their owner. Only a superuser can make it (an
-- event trigger), so it lies in the administrator's schema beside the guard of new tables. Each part is safe to repeat.
--
-- It remembers what each such table and function was like when it was made, and refuses any statement after which one of
-- them would be otherwise: no list of the ways to spoil a table could be complete, and PostgreSQL doesn't tell event
-- triggers which kind of ALTER TABLE it was. Indexes and grants are left aside: the one spoils nothing, the other is
-- watched by the checks, and the triggers refuse whoever has a right.
--
-- What goes past it: a superuser who switches it off, sets session_replication_role, or gives all of a role's objects away
-- (REASSIGN OWNED fires no event triggers). That is found by the checks and by verification.

-- name: lift
-- Before migrations, which may have to change these tables; "make" puts it back.
DROP EVENT TRIGGER IF EXISTS safehold_only_grows;
DROP EVENT TRIGGER IF EXISTS safehold_only_grows_drop;
DROP EVENT TRIGGER IF EXISTS safehold_only_grows_rewrite;

-- name: make
-- What is fixed, and what it was like. Nobody but the functions here writes it.
CREATE TABLE IF NOT EXISTS safehold_guard.fixed (
    kind regclass NOT NULL, object oid NOT NULL, name text NOT NULL, state text NOT NULL, PRIMARY KEY (kind, object)
);

CREATE OR REPLACE FUNCTION safehold_guard.state_of_table(wanted oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
-- All that makes it the table it is, in one digest: its place, owner and kind, columns, triggers, policies, rules,
-- constraints, and the whole that it is a part of.
    SELECT encode(sha256(convert_to(concat_ws(E'\n',
        c.relnamespace, c.relname, c.relkind, c.relowner, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
        c.relhasrules, c.relispartition, c.relreplident, pg_get_expr(c.relpartbound, c.oid),
        (SELECT string_agg(i.inhparent::text, ' ') FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT i.inhdetachpending),
        (SELECT string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated,
                a.attidentity, a.attisdropped, pg_get_expr(d.adbin, d.adrelid)), E'\n' ORDER BY a.attnum)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0),
        (SELECT string_agg(concat_ws(' ', t.tgname, t.tgtype, t.tgenabled, t.tgfoid, t.tgqual IS NULL, t.tgattr), E'\n'
                ORDER BY t.tgname)
            FROM pg_trigger t WHERE t.tgrelid = c.oid),
        (SELECT string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles,
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), E'\n' ORDER BY p.polname)
            FROM pg_policy p WHERE p.polrelid = c.oid),
        (SELECT string_agg(concat_ws(' ', o.conname, o.contype, pg_get_constraintdef(o.oid)), E'\n' ORDER BY o.conname)
            FROM pg_constraint o WHERE o.conrelid = c.oid)
    ), 'UTF8')), 'hex')
    FROM pg_class c WHERE c.oid = wanted
$$;

CREATE OR REPLACE FUNCTION safehold_guard.state_of_function(wanted oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', p.proowner, p.prorettype, p.prosecdef, p.proconfig, p.prosrc,
        pg_get_functiondef(p.oid)), 'UTF8')), 'hex')
    FROM pg_proc p WHERE p.oid = wanted
$$;

CREATE OR REPLACE FUNCTION safehold_guard.refuse_spoilt() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Raises if anything fixed is otherwise than it was.
DECLARE
    spoilt text;
BEGIN
    SELECT f.name INTO spoilt FROM safehold_guard.fixed f
    WHERE f.state IS DISTINCT FROM CASE f.kind WHEN 'pg_class'::regclass
        THEN safehold_guard.state_of_table(f.object) ELSE safehold_guard.state_of_function(f.object) END
    ORDER BY f.name LIMIT 1;
    IF FOUND THEN
        RAISE restrict_violation USING
            MESSAGE = format('%s only grows: it can''t be dropped, detached, altered or relieved of its triggers', spoilt),
            HINT = 'Events are removed when their time is over, by "safehold audit retention". A migration that alters '
                   'such a table is run by starting Safehold, which lifts the guard for it.';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.spoilt() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- What is otherwise than it was, for the checks: somebody went past the guard. And tables that it doesn't know.
    SELECT f.name FROM safehold_guard.fixed f
    WHERE f.state IS DISTINCT FROM CASE f.kind WHEN 'pg_class'::regclass
        THEN safehold_guard.state_of_table(f.object) ELSE safehold_guard.state_of_function(f.object) END
    UNION ALL
    SELECT t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'refuse_change' AND c.relnamespace IS DISTINCT FROM to_regnamespace('audit_bench')
        AND NOT EXISTS (SELECT FROM safehold_guard.fixed f WHERE f.kind = 'pg_class'::regclass AND f.object = t.tgrelid)
$$;

CREATE OR REPLACE FUNCTION safehold_guard.refuse_change() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM safehold_guard.refuse_spoilt();
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.refuse_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger_dropped_objects() d
        WHERE NOT d.is_temporary AND (EXISTS (
            SELECT FROM safehold_guard.fixed f WHERE f.kind = d.classid AND f.object = d.objid
        ) OR d.object_type IN (
            'trigger', 'policy', 'rule', 'table column', 'table constraint', 'default value', 'function', 'schema'
        ))
    ) THEN
        PERFORM safehold_guard.refuse_spoilt();
    END IF;
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.refuse_rewrite() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    SELECT f.name INTO name FROM safehold_guard.fixed f
    WHERE f.kind = 'pg_class'::regclass AND f.object = pg_event_trigger_table_rewrite_oid();
    IF FOUND THEN
        RAISE restrict_violation USING MESSAGE = format('%s only grows: its rows can''t be written anew', name);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.fix_table(wanted oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Remembers a table, if it only grows; the scratch tables of a bench are dropped at its end.
BEGIN
    INSERT INTO safehold_guard.fixed
    SELECT 'pg_class'::regclass, c.oid, c.oid::regclass::text, safehold_guard.state_of_table(c.oid) FROM pg_class c
    WHERE c.oid = wanted AND c.relpersistence = 'p' AND c.relnamespace IS DISTINCT FROM to_regnamespace('audit_bench') AND EXISTS (
        SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_change'
            AND t.tgfoid = to_regprocedure('safehold.refuse_change()')
    ) ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.fix_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM safehold_guard.fix_table(NEW.relation);
    RETURN NULL;
END $$;

-- What the transaction made, as the guard of new tables has noted it, is remembered when it commits.
DROP TRIGGER IF EXISTS fix_changed ON safehold_guard.changed;
CREATE CONSTRAINT TRIGGER fix_changed AFTER INSERT ON safehold_guard.changed
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION safehold_guard.fix_changed();

-- What there is already, as it is now that the migrations are done.
DELETE FROM safehold_guard.fixed;
SELECT safehold_guard.fix_table(t.tgrelid) FROM pg_trigger t WHERE t.tgname = 'refuse_change';
-- The functions that the triggers call, and those that purging calls with an administrator's rights.
INSERT INTO safehold_guard.fixed
SELECT 'pg_proc'::regclass, p.oid, p.oid::regprocedure::text, safehold_guard.state_of_function(p.oid) FROM pg_proc p
WHERE p.oid = ANY (ARRAY[
    'safehold.refuse_change()', 'safehold.make_append_only(regclass)', 'safehold.first_id(timestamptz)',
    'safehold.keeping_class(smallint)', 'safehold.new_part(regclass, text)',
    'safehold.attach_part(regclass, regclass, date)', 'safehold.part_of(regclass, date)'
]::regprocedure[]);

DROP EVENT TRIGGER IF EXISTS safehold_only_grows;
CREATE EVENT TRIGGER safehold_only_grows ON ddl_command_end
    WHEN TAG IN (
        'ALTER TABLE', 'ALTER VIEW', 'ALTER INDEX', 'ALTER SEQUENCE', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE',
        'CREATE TRIGGER', 'ALTER TRIGGER', 'CREATE RULE', 'ALTER RULE', 'CREATE POLICY', 'ALTER POLICY',
        'CREATE FUNCTION', 'ALTER FUNCTION', 'ALTER ROUTINE', 'ALTER SCHEMA'
    )
    EXECUTE FUNCTION safehold_guard.refuse_change();
DROP EVENT TRIGGER IF EXISTS safehold_only_grows_drop;
CREATE EVENT TRIGGER safehold_only_grows_drop ON sql_drop EXECUTE FUNCTION safehold_guard.refuse_drop();
DROP EVENT TRIGGER IF EXISTS safehold_only_grows_rewrite;
CREATE EVENT TRIGGER safehold_only_grows_rewrite ON table_rewrite EXECUTE FUNCTION safehold_guard.refuse_rewrite();

-- Removes from a month's part what is over, and nothing else: the whole part where nothing of it has to stay. Whoever
-- calls it has no say in what goes. An event goes if its log has a record of the purge (log.purged) that is sealed, under
-- a signed head, and names a head of the log below which the event lies; if by the present plan of its log the whole month
-- is over; if no hold names it; and if it is older than a year, whatever a plan says. `anchored` are the logs of which the
-- caller has seen the record anchored outside the database; of others nothing goes.
--
-- What stays of such a part lies, unchanged, in a new one: that of the class that its log's plan has now.
CREATE OR REPLACE FUNCTION safehold_guard.lowest_kept(log uuid, month_end timestamptz) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
-- The place in a log below which the events of a month that ended then may go.
    WITH records AS (
        SELECT convert_from(e.body, 'UTF8')::jsonb -> 'fields' AS said, l.index
        FROM public.audit_event e
        JOIN public.audit_leaf l ON l.tenant_id = e.tenant_id AND l.event_id = e.id AND l.digest = e.digest
        WHERE e.tenant_id = log AND e.type = 'log.purged' AND e.target LIKE '%/' || CASE log
            WHEN '00000000-0000-0000-0000-000000000000' THEN 'platform' ELSE log::text END
    ), minimum AS (
        SELECT max(c.size) AS size FROM records r
        JOIN public.audit_checkpoint c ON c.tenant_id = log AND c.size = (r.said ->> 'minimum')::bigint
            AND encode(c.root, 'hex') = r.said ->> 'root'
        WHERE EXISTS (SELECT FROM public.audit_checkpoint s WHERE s.tenant_id = log AND s.size > r.index)
    ), held AS (
        SELECT min(CASE h.subject WHEN '' THEN 0 ELSE (
            SELECT min(l.index) FROM public.audit_event e
            JOIN public.audit_leaf l ON l.tenant_id = e.tenant_id AND l.event_id = e.id
            WHERE e.tenant_id = log AND h.subject IN (e.target, e.actor)
        ) END) AS first
        FROM public.audit_hold h
        WHERE h.tenant_id = log AND h.ended_at IS NULL AND (h.until IS NULL OR h.until > clock_timestamp())
    )
    SELECT CASE WHEN month_end <= clock_timestamp() - greatest(k.years, 1) * interval '1 year'
        THEN least(minimum.size, held.first) END
    FROM public.audit_keeping k, minimum, held WHERE k.tenant_id = log
$$;

CREATE OR REPLACE FUNCTION safehold_guard.purge_month(class smallint, month date, anchored uuid[], OUT gone bigint, OUT stayed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent regclass := to_regclass(format('public.audit_event_%sy', class));
    part regclass := to_regclass(format('public.audit_event_%sy_%s', class, to_char(month, 'YYYY_MM')));
    month_end timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    over boolean := month_end <= clock_timestamp() - class * interval '1 year';
    bounds jsonb;
    fresh regclass;
    into_class smallint;
    moves boolean;
BEGIN
    IF part IS NULL THEN
        RAISE undefined_table USING MESSAGE = format('there is no part of %s years for %s', class, month);
    ELSIF month_end > clock_timestamp() - interval '1 year' THEN
        RAISE restrict_violation USING MESSAGE = 'nothing is removed before it is a year old, whatever a plan says';
    END IF;
    PERFORM pg_advisory_xact_lock('safehold_guard.fixed'::regclass::oid::bigint);
    EXECUTE format(
        'SELECT jsonb_object_agg(l.log, jsonb_build_array(
            CASE WHEN l.log = ANY ($1) THEN safehold_guard.lowest_kept(l.log, $2) END,
            coalesce((SELECT safehold.keeping_class(k.years) FROM public.audit_keeping k WHERE k.tenant_id = l.log), $3)
        )) FROM (SELECT DISTINCT tenant_id AS log FROM %s) l', part
    ) USING anchored, month_end, class INTO bounds;
    EXECUTE format(
        'SELECT count(*) FILTER (WHERE l.index < ($1 -> e.tenant_id::text ->> 0)::bigint), count(*),
            coalesce(bool_or((l.index < ($1 -> e.tenant_id::text ->> 0)::bigint) IS NOT TRUE
                AND ($1 -> e.tenant_id::text ->> 1)::smallint > $2), false)
        FROM %s e LEFT JOIN public.audit_leaf l
            ON l.tenant_id = e.tenant_id AND l.event_id = e.id AND l.digest = e.digest', part
    ) USING bounds, class INTO gone, stayed, moves;
    stayed := stayed - gone;
    -- Nothing to remove, nothing to make room for: an empty part whose time is over goes too.
    IF gone = 0 AND NOT (over AND (moves OR stayed = 0)) THEN
        RETURN;
    END IF;
    FOREACH into_class IN ARRAY ARRAY[1, 3, 5]::smallint[] LOOP
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %s e LEFT JOIN public.audit_leaf l
                ON l.tenant_id = e.tenant_id AND l.event_id = e.id AND l.digest = e.digest
            WHERE (l.index < ($1 -> e.tenant_id::text ->> 0)::bigint) IS NOT TRUE
                AND greatest(($1 -> e.tenant_id::text ->> 1)::smallint, CASE WHEN $3 THEN 1 ELSE $4 END) = $2)', part
        ) USING bounds, into_class, over, class INTO moves;
        CONTINUE WHEN NOT moves;
        IF into_class = class THEN
            fresh := safehold.new_part(parent, format('audit_event_%sy_%s_kept', class, to_char(month, 'YYYY_MM')));
        END IF;
        EXECUTE format(
            'INSERT INTO %s (tenant_id, id, at, xid, type, actor, target, body, personal, class)
            SELECT e.tenant_id, e.id, e.at, e.xid, e.type, e.actor, e.target, e.body, e.personal, $2
            FROM %s e LEFT JOIN public.audit_leaf l
                ON l.tenant_id = e.tenant_id AND l.event_id = e.id AND l.digest = e.digest
            WHERE (l.index < ($1 -> e.tenant_id::text ->> 0)::bigint) IS NOT TRUE
                AND greatest(($1 -> e.tenant_id::text ->> 1)::smallint, CASE WHEN $3 THEN 1 ELSE $4 END) = $2',
            CASE into_class WHEN class THEN fresh
                ELSE safehold.part_of(to_regclass(format('public.audit_event_%sy', into_class)), month) END, part
        ) USING bounds, into_class, over, class;
    END LOOP;
    DELETE FROM safehold_guard.fixed WHERE kind = 'pg_class'::regclass AND object = part;
    EXECUTE format('DROP TABLE %s', part);
    IF fresh IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s RENAME TO %I', fresh, format('audit_event_%sy_%s', class, to_char(month, 'YYYY_MM')));
        PERFORM safehold.attach_part(parent, fresh, date_trunc('month', month::timestamp)::date);
    END IF;
END $$;

REVOKE ALL ON FUNCTION
    safehold_guard.state_of_table(oid), safehold_guard.state_of_function(oid), safehold_guard.refuse_spoilt(),
    safehold_guard.spoilt(),
    safehold_guard.refuse_change(), safehold_guard.refuse_drop(), safehold_guard.refuse_rewrite(),
    safehold_guard.fix_table(oid), safehold_guard.fix_changed(), safehold_guard.lowest_kept(uuid, timestamptz),
    safehold_guard.purge_month(smallint, date, uuid[])
FROM PUBLIC;
GRANT USAGE ON SCHEMA safehold_guard TO safehold_sealer, safehold_app;
GRANT EXECUTE ON FUNCTION safehold_guard.spoilt() TO safehold_app;
GRANT EXECUTE ON FUNCTION safehold_guard.purge_month(smallint, date, uuid[]) TO safehold_sealer;
