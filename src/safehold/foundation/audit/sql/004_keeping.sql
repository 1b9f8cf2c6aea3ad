-- For how long each log is kept, what is held all the same, and the functions that lay out the months of audit_event.

-- How many years each log is kept, by the plan that is named beside it. The platform's scope says so when a tenant is
-- made and when its plan changes; no writer of events has a say. A log that isn't named here is kept. The log of logs
-- never is: it is kept for good.
CREATE TABLE audit_keeping (
    tenant_id uuid PRIMARY KEY,
    years smallint NOT NULL CHECK (years >= 1),
    plan text NOT NULL CHECK (plan ~ '^[a-z][a-z-]*$')
);

INSERT INTO audit_keeping (tenant_id, years, plan) VALUES ('00000000-0000-0000-0000-000000000000', 5, 'enterprise');

-- Legal holds: as long as one isn't ended, nothing that it names is purged. subject names whom or what it is about, as
-- events name actors and targets; empty stands for the whole log.
CREATE TABLE audit_hold (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    subject text NOT NULL DEFAULT '',
    reason text NOT NULL CHECK (reason <> ''),
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    until timestamptz,
    ended_by text NOT NULL DEFAULT '',
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

SELECT safehold.force_policies('audit_keeping');
SELECT safehold.force_policies('audit_hold');

CREATE POLICY tenant_rows ON audit_keeping FOR SELECT TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY platform_says ON audit_keeping TO safehold_app
    USING ((SELECT safehold.scope_kind()) = 'platform')
    WITH CHECK ((SELECT safehold.scope_kind()) = 'platform');
CREATE POLICY stamp_reads ON audit_keeping FOR SELECT TO safehold_owner USING (true);
CREATE POLICY sealer_reads ON audit_keeping FOR SELECT TO safehold_sealer USING (true);
CREATE POLICY tenant_rows ON audit_hold FOR SELECT TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY platform_holds ON audit_hold TO safehold_app
    USING ((SELECT safehold.scope_kind()) = 'platform')
    WITH CHECK ((SELECT safehold.scope_kind()) = 'platform');
CREATE POLICY sealer_reads ON audit_hold FOR SELECT TO safehold_sealer USING (true);

REVOKE ALL ON audit_keeping, audit_hold FROM public;
GRANT SELECT, INSERT, UPDATE ON audit_keeping TO safehold_app;
GRANT SELECT, INSERT ON audit_hold TO safehold_app;
GRANT UPDATE (ended_by, ended_at) ON audit_hold TO safehold_app;
GRANT SELECT ON audit_keeping, audit_hold TO safehold_sealer;

-- The first id (UUIDv7) of a moment: a range of ids is a range of time. Like the two below it is put in line where it is
-- used, which a search_path of its own would prevent.
CREATE FUNCTION safehold.first_id(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- The moment in an id.
CREATE FUNCTION safehold.moment_of(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_timestamp(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
$$;

-- The class that so many years belong to: the smallest that isn't shorter.
CREATE FUNCTION safehold.keeping_class(years smallint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN years <= 1 THEN 1 WHEN years <= 3 THEN 3 ELSE 5 END::smallint
$$;

-- The class of the event that is being written: by its log's plan, not by the writer's word. The ticket isn't checked
-- here, because the policy that lets the same row in checks it. The class says where a row lies, and only that: for how
-- long it is kept is asked again, by the present plan, when its month is over.
-- It is called for each event: without a search_path, which would cost half of it, every name in it is qualified instead.
CREATE FUNCTION safehold.class_now() RETURNS smallint
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    ticket pg_catalog.text := pg_catalog.current_setting('safehold.ticket', true);
    years pg_catalog.int2;
BEGIN
    IF pg_catalog.substr(ticket, 66, 33) OPERATOR(pg_catalog.~) '^T[0-9a-f]{32}$' THEN
        SELECT k.years INTO years FROM public.audit_keeping k
        WHERE k.tenant_id OPERATOR(pg_catalog.=) pg_catalog.substr(ticket, 67, 32)::pg_catalog.uuid;
        IF years OPERATOR(pg_catalog.<=) 3 THEN
            RETURN CASE WHEN years OPERATOR(pg_catalog.<=) 1 THEN 1 ELSE 3 END;
        END IF;
    ELSIF session_user OPERATOR(pg_catalog.=) 'safehold_sealer' THEN
        RETURN 0;
    END IF;
    RETURN 5;
END
$$;

-- A table that may become a part of `parent`: bound by policies, of which it has none, so that nobody reads or writes it
-- but through the whole.
CREATE FUNCTION safehold.new_part(parent regclass, name text) RETURNS regclass
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text;
BEGIN
    SELECT format('%I.%I', n.nspname, name) INTO part
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = parent;
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', part, parent);
    PERFORM safehold.force_policies(part::regclass);
    RETURN part::regclass;
END
$$;

-- Makes it the part of a month.
CREATE FUNCTION safehold.attach_part(parent regclass, part regclass, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part,
        safehold.first_id(month::timestamp AT TIME ZONE 'UTC'),
        safehold.first_id((month + interval '1 month') AT TIME ZONE 'UTC')
    );
    PERFORM safehold.make_append_only(part);
END
$$;

-- The part of a class (a table such as audit_event_3y) for a month; made where it is missing.
CREATE FUNCTION safehold.part_of(parent regclass, month date) RETURNS regclass
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    schema text;
    part regclass;
BEGIN
    SELECT c.relname || to_char(month, '_YYYY_MM'), n.nspname INTO name, schema
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = parent;
    part := to_regclass(format('%I.%I', schema, name));
    IF part IS NULL THEN
        part := safehold.new_part(parent, name);
        PERFORM safehold.attach_part(parent, part, date_trunc('month', month)::date);
    END IF;
    RETURN part;
END
$$;

-- Every class's parts from the month of `since` to some months ahead of now; returns how many it made. A month whose
-- events had to go to the class's rest, because nobody made its part in time, is left there.
CREATE FUNCTION safehold.make_months(whole regclass, since date DEFAULT now()::date, ahead integer DEFAULT 3)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    class record;
    month date;
    made integer := 0;
BEGIN
    FOR class IN
        SELECT c.oid::regclass AS parent, n.nspname, c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'p' JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE i.inhparent = whole
    LOOP
        FOR month IN
            SELECT generate_series(
                date_trunc('month', since::timestamp), date_trunc('month', (now() AT TIME ZONE 'UTC'))
                    + ahead * interval '1 month', interval '1 month'
            )::date
        LOOP
            CONTINUE WHEN to_regclass(
                format('%I.%I', class.nspname, class.relname || to_char(month, '_YYYY_MM'))
            ) IS NOT NULL;
            BEGIN
                PERFORM safehold.part_of(class.parent, month);
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- As before, and for tables in parts: a part has the row's trigger from the whole.
CREATE OR REPLACE FUNCTION safehold.make_append_only(name regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = name AND t.tgname = 'refuse_change_of_row') THEN
        EXECUTE format('CREATE TRIGGER refuse_change_of_row BEFORE UPDATE OR DELETE ON %s
            FOR EACH ROW EXECUTE FUNCTION safehold.refuse_change()', name);
    END IF;
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION safehold.refuse_change()', name);
    EXECUTE format('alter table %s enable always trigger refuse_change_of_row', name);
    EXECUTE format('alter table %s enable always trigger refuse_change', name);
    EXECUTE format('revoke update, delete, truncate on %s from public, current_user', name);
END
$$;

REVOKE ALL ON FUNCTION
    safehold.first_id(timestamptz), safehold.moment_of(uuid), safehold.keeping_class(smallint), safehold.class_now(),
    safehold.new_part(regclass, text), safehold.attach_part(regclass, regclass, date),
    safehold.part_of(regclass, date), safehold.make_months(regclass, date, integer)
FROM public;
GRANT EXECUTE ON FUNCTION safehold.first_id(timestamptz), safehold.class_now() TO safehold_app, safehold_sealer;
GRANT EXECUTE ON FUNCTION safehold.moment_of(uuid), safehold.keeping_class(smallint) TO safehold_app, safehold_sealer;
GRANT EXECUTE ON FUNCTION safehold.make_months(regclass, date, integer) TO safehold_sealer;
