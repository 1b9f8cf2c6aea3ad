-- Who may do what with the library's tables, and which tasks tenants may queue. Run by the owner role at each start: a
-- newer library brings new tables and functions, and an older Safehold gave the app role rights on them.

-- name: take_back
-- Nobody but the owner keeps a right. The triggers that NOTIFY of a job are switched off: every login may LISTEN, and
-- would be told of each tenant's jobs; and every login may NOTIFY, so that a worker that listens would take orders from it.
DO $$
DECLARE
    everybody CONSTANT text :=
        'PUBLIC, safehold_app, safehold_sealer, safehold_backup, safehold_staff, safehold_queue';
    found record;
BEGIN
    FOR found IN
        SELECT c.oid::regclass AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'procrastinate\_%'
            AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s', found.kind, found.name, everybody);
    END LOOP;
    FOR found IN
        SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', found.name, everybody);
    END LOOP;
    FOR found IN
        SELECT t.tgrelid::regclass AS table_name, t.tgname AS name
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        WHERE p.proname LIKE 'procrastinate\_notify\_%' AND t.tgenabled <> 'D'
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', found.table_name, found.name);
    END LOOP;
END $$;

-- name: grant
-- What the worker's connector needs, as the library's statements and functions use it. What a job is, once it's queued,
-- nobody changes: only how it stands.
GRANT SELECT, INSERT, DELETE ON procrastinate_jobs TO safehold_queue;
GRANT UPDATE (queue_name, priority, lock, status, scheduled_at, attempts, abort_requested, worker_id)
    ON procrastinate_jobs TO safehold_queue;
GRANT INSERT ON procrastinate_events TO safehold_queue;
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_periodic_defers, procrastinate_workers TO safehold_queue;
GRANT USAGE ON SEQUENCE
    procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq
TO safehold_queue;
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN
        SELECT oid FROM pg_catalog.pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\_%'
            AND prorettype <> 'trigger'::regtype
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO safehold_queue', found);
    END LOOP;
END $$;

-- name: forget_others
-- Tasks that no room declares any more.
DELETE FROM safehold.job_task WHERE name <> ALL (%s);

-- name: register
INSERT INTO safehold.job_task (name, ids) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET ids = excluded.ids;
