-- What a migration calls to put a new table under the rules: one line a table, so that no table gets them half.
-- Only the owner role runs these; they aren't SECURITY DEFINER and nobody else may execute them.

CREATE FUNCTION safehold.protect_table(
    target regclass, privileges text[] DEFAULT ARRAY['select', 'insert', 'update', 'delete']
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- A tenant table: policies bind everybody, the owner too; the app role sees the rows of the scope's tenant.
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY tenant_rows ON %s TO safehold_app USING (tenant_id = (SELECT safehold.scope_tenant())) '
        'WITH CHECK (tenant_id = (SELECT safehold.scope_tenant()))', target
    );
    PERFORM safehold.close_conflicts(target);
    PERFORM safehold.keep_no_statistics(target);
    PERFORM safehold.grant_app(target, privileges);
    PERFORM safehold.open_to_staff(target);
END $$;

CREATE FUNCTION safehold.keep_no_statistics(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Has the planner keep no statistics of a table's columns, nor of what its indexes compute, but of tenant_id. They are made
-- of all tenants' rows, and hold values as they stand; EXPLAIN shows estimates made from them to whom policies show no
-- row. What is already kept isn't taken away by this: call it before the table has rows (docs/decisions/statistics.md).
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT format('ALTER TABLE %s ALTER %I SET STATISTICS 0', a.attrelid::regclass, a.attname) AS statement
        FROM pg_attribute a WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tenant_id'
        UNION ALL
        SELECT format('ALTER INDEX %s ALTER %s SET STATISTICS 0', x.indexrelid::regclass, computed.place)
        FROM pg_index x CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS computed (number, place)
        WHERE x.indrelid = target AND computed.number = 0
    LOOP
        EXECUTE part.statement;
    END LOOP;
END $$;

CREATE FUNCTION safehold.open_to_staff(target regclass, scoped_by name DEFAULT 'tenant_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Lets staff read a table's rows of the tenant that a grant of theirs opens, and nothing else of it. The clock is asked at
-- each row, so that not even a statement or cursor that began in time gives one after the grant's end.
BEGIN
    EXECUTE format(
        'CREATE POLICY staff_rows ON %s FOR SELECT TO safehold_staff USING '
        '(%I = (SELECT safehold.staff_tenant()) AND clock_timestamp() < (SELECT safehold.staff_until()))',
        target, scoped_by
    );
    EXECUTE format('GRANT SELECT ON %s TO safehold_staff', target);
END $$;

CREATE FUNCTION safehold.close_conflicts(target regclass, scoped_by name DEFAULT 'tenant_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Leads every key of the table into one tenant, by the column `scoped_by`, so that no key tells whether another tenant
-- has a value, and so that INSERT … ON CONFLICT never meets another tenant's row: on servers without the fix for
-- CVE-2026-120154 that statement shows such a row to its WHERE clause.
-- A primary key is given the column in front (and a unique constraint that says the same is dropped). Another unique
-- constraint without it is one on purpose, and becomes deferrable, which ON CONFLICT can't go by.
DECLARE
    key record;
    columns text;
BEGIN
    FOR key IN
        SELECT c.oid, c.conname AS name, c.contype AS kind, c.conkey AS members, pg_get_constraintdef(c.oid) AS definition
        FROM pg_constraint c
        WHERE c.conrelid = target AND c.contype IN ('p', 'u') AND NOT c.condeferrable AND NOT EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname = scoped_by
        )
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, key.name);
        IF key.kind = 'p' THEN
            SELECT format('%I, %s', scoped_by, string_agg(quote_ident(a.attname), ', ' ORDER BY m.place)) INTO columns
            FROM unnest(key.members) WITH ORDINALITY AS m (number, place)
            JOIN pg_attribute a ON a.attrelid = target AND a.attnum = m.number;
            PERFORM safehold.drop_unique(target, columns);
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY (%s)', target, key.name, columns);
        ELSE
            EXECUTE format(
                'ALTER TABLE %s ADD CONSTRAINT %I %s DEFERRABLE INITIALLY IMMEDIATE', target, key.name, key.definition
            );
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION safehold.drop_unique(target regclass, columns text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Drops a unique constraint over exactly these columns, unless a reference goes by it.
DECLARE
    twin name;
BEGIN
    SELECT c.conname INTO twin FROM pg_constraint c
    WHERE c.conrelid = target AND c.contype = 'u' AND pg_get_constraintdef(c.oid) = format('UNIQUE (%s)', columns)
        AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid);
    IF FOUND THEN
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, twin);
    END IF;
END $$;

CREATE FUNCTION safehold.protect_departments(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- A department's rows, in a table that protect_table has seen: the scope's departments narrow what its tenant opens.
--
-- This reads the departments without checking the ticket's signature, because the policy that it narrows checks it: the
-- signature covers both, and no row passes unless both policies let it, in one pass over the row. That saves a second
-- check a statement. It must therefore be RESTRICTIVE, and stand only beside tenant_rows. Which of the two is asked first
-- is the planner's choice, so what hasn't the form of a ticket raises here like there.
--
-- array_position … IS NOT NULL keeps it a filter that the planner takes to let nearly every row through. As
-- department = ANY (…), with a list of unknown length, the planner expected few rows, and gathered and sorted all of a
-- tenant's for one page of them. A query for few departments says so by itself (department = ANY of constants), and so
-- gets its index with true estimates.
DECLARE
    reached CONSTANT text := $reach$pg_catalog.array_position((SELECT
        CASE WHEN pg_catalog.substr(pg_catalog.current_setting('safehold.ticket', true), 151) ~ '^[a-z]*:[{][0-9,]*[}]$'
            THEN pg_catalog.split_part(
                pg_catalog.substr(pg_catalog.current_setting('safehold.ticket', true), 151), ':', 2
            )::pg_catalog.int4[]
            ELSE safehold.no_departments()
        END
    ), department) IS NOT NULL$reach$;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = target AND polname = 'tenant_rows' AND polpermissive) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = format('%s is not protected by protect_table yet', target);
    END IF;
    EXECUTE format(
        'CREATE POLICY department_rows ON %s AS RESTRICTIVE TO safehold_app USING (%s) WITH CHECK (%s)',
        target, reached, reached
    );
END $$;

CREATE FUNCTION safehold.no_departments() RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- Raises where there is no ticket to read departments from.
BEGIN
    PERFORM safehold.refuse_scope(current_setting('safehold.ticket', true));
END $$;
REVOKE EXECUTE ON FUNCTION safehold.no_departments() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION safehold.no_departments(), safehold.refuse_scope(text) TO safehold_app;

CREATE FUNCTION safehold.force_policies(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- A table with policies of its own: binds everybody, and opens nothing until its policies and grants are written.
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    PERFORM safehold.keep_no_statistics(target);
END $$;

CREATE FUNCTION safehold.open_to_each(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- A table of tenants and of the platform, whose rows are the nil tenant's, that force_policies has seen: opens to each its
-- own, and to any other kind of scope nothing. Its room declares the policy platforms_own, and says what these rows are.
DECLARE
    of_tenant CONSTANT text := 'tenant_id = (SELECT safehold.scope_tenant_or_null())';
    of_platform CONSTANT text := format('tenant_id = %L AND (SELECT safehold.scope_kind()) = %L',
        '00000000-0000-0000-0000-000000000000', 'platform');
BEGIN
    EXECUTE format(
        'CREATE POLICY tenant_rows ON %s TO safehold_app USING (%s) WITH CHECK (%s)', target, of_tenant, of_tenant
    );
    EXECUTE format(
        'CREATE POLICY platforms_own ON %s TO safehold_app USING (%s) WITH CHECK (%s)', target, of_platform, of_platform
    );
END $$;

CREATE FUNCTION safehold.grant_app(
    target regclass, privileges text[] DEFAULT ARRAY['select', 'insert', 'update', 'delete']
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
-- Grants the app role what it needs of a table, and the sequences behind its columns. Only these four can be granted:
-- TRUNCATE, REFERENCES and TRIGGER go round policies.
DECLARE
    privilege text;
    sequence regclass;
BEGIN
    FOREACH privilege IN ARRAY privileges LOOP
        IF lower(privilege) NOT IN ('select', 'insert', 'update', 'delete') THEN
            RAISE invalid_parameter_value USING MESSAGE = format('%s may not be granted to the app role', privilege);
        END IF;
        EXECUTE format('GRANT %s ON %s TO safehold_app', privilege, target);
    END LOOP;
    FOR sequence IN
        SELECT d.objid::regclass FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
        WHERE d.classid = 'pg_class'::regclass AND d.refobjid = target AND d.deptype IN ('a', 'i')
            AND 'insert' = ANY (privileges)
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO safehold_app', sequence);
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION
    safehold.protect_table(regclass, text[]), safehold.open_to_staff(regclass, name),
    safehold.protect_departments(regclass), safehold.keep_no_statistics(regclass),
    safehold.force_policies(regclass), safehold.open_to_each(regclass), safehold.close_conflicts(regclass, name),
    safehold.drop_unique(regclass, text), safehold.grant_app(regclass, text[])
FROM PUBLIC;
