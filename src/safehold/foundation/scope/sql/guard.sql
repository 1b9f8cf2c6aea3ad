-- The guard of a running database: a table that policies don't bind, or a view that shows rows with its owner's rights,
-- can't be committed, by whomever and by whatever way it was made. Only a superuser can make it (an event trigger), so
-- it lies in a schema of its own, which the owner role can't change. Each part is safe to run again.
--
-- Policies come with a later statement than the table, so nothing is refused on the spot: the event trigger notes what
-- was made or altered, and a deferred trigger looks at it when the transaction commits.

-- name: make
CREATE SCHEMA IF NOT EXISTS safehold_guard;
REVOKE ALL ON SCHEMA safehold_guard FROM PUBLIC;

-- What may stand without policies, as the rooms declare it in their tables.py.
CREATE TABLE IF NOT EXISTS safehold_guard.exempt (name text PRIMARY KEY, reason text NOT NULL);
-- What the present transaction has made or altered. It is empty whenever one has ended.
CREATE TABLE IF NOT EXISTS safehold_guard.changed (relation oid NOT NULL);

CREATE OR REPLACE FUNCTION safehold_guard.note_changes() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO safehold_guard.changed
    SELECT DISTINCT d.objid FROM pg_event_trigger_ddl_commands() d WHERE d.classid = 'pg_class'::regclass;
END $$;

CREATE OR REPLACE FUNCTION safehold_guard.refuse_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fault text;
BEGIN
    DELETE FROM safehold_guard.changed WHERE relation = NEW.relation;
    SELECT CASE
        WHEN c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
            THEN format('the table %s would stand open: no policies bind everybody on it', named.name)
        WHEN c.relkind IN ('m', 'f') THEN format('policies do not reach the rows of %s', named.name)
        WHEN c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY[
            'security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'
        ] THEN format('the view %s would show rows with its owner''s rights', named.name)
        END
    INTO fault
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (VALUES (
        CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END
    )) AS named (name)
    WHERE c.oid = NEW.relation AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM safehold_guard.exempt e WHERE e.name = named.name);
    IF fault IS NOT NULL THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = fault,
            HINT = 'Protect it in the same transaction, with safehold.protect_table(...) or security_invoker, '
                   'or declare it with its reason in a room''s tables.py and start Safehold again.';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS refuse_open ON safehold_guard.changed;
CREATE CONSTRAINT TRIGGER refuse_open AFTER INSERT ON safehold_guard.changed
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION safehold_guard.refuse_open();

DROP EVENT TRIGGER IF EXISTS safehold_guard;
CREATE EVENT TRIGGER safehold_guard ON ddl_command_end
    WHEN TAG IN (
        'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'CREATE SCHEMA', 'CREATE VIEW', 'ALTER VIEW',
        'CREATE MATERIALIZED VIEW', 'ALTER MATERIALIZED VIEW', 'CREATE FOREIGN TABLE', 'IMPORT FOREIGN SCHEMA'
    )
    EXECUTE FUNCTION safehold_guard.note_changes();

-- name: forget_exempt
DELETE FROM safehold_guard.exempt;

-- name: exempt
INSERT INTO safehold_guard.exempt (name, reason) VALUES (%s, %s);
