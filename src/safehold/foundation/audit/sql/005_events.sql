-- The events, in parts: by class (how many years), and within it by month. When a month's time is over, its part is
-- dropped as a whole; no row is ever updated or deleted. A month is a range of ids, which are UUIDv7: writers can't date
-- them back, so the part of a month that is over gets no more rows. Each class has a rest for what no month fits, so that
-- an insert never fails; it is empty as long as months are made in time. (With a rest nothing can be detached CONCURRENTLY
-- either, which would go past the guard.) The log of logs is never purged and has no
-- months.
--
-- The policies stand on the whole. Its parts are bound too, have no policies and aren't granted: nothing goes past it.

-- One event. body holds the exact canonical bytes; digest is their leaf hash, which the database computes so that no
-- writer can give another. The columns beside them repeat what pages filter by, and are compared with the body when the
-- log is verified. personal is sealed and isn't hashed: the body has commitments. xid says in which transaction the row
-- was written, and the sealer reads in its order; class in which parts it lies. Writers can set neither.
CREATE TABLE audit_event_whole (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type text NOT NULL CHECK (type ~ '^[a-z][a-z-]*\.[a-z][a-z-]*$'),
    actor text NOT NULL,
    target text NOT NULL DEFAULT '',
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 65535),
    digest bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || body)) STORED,
    personal bytea,
    class smallint NOT NULL DEFAULT safehold.class_now()
) PARTITION BY LIST (class);

CREATE TABLE audit_event_logs PARTITION OF audit_event_whole FOR VALUES IN (0);
CREATE TABLE audit_event_1y PARTITION OF audit_event_whole FOR VALUES IN (1) PARTITION BY RANGE (id);
CREATE TABLE audit_event_3y PARTITION OF audit_event_whole FOR VALUES IN (3) PARTITION BY RANGE (id);
CREATE TABLE audit_event_5y PARTITION OF audit_event_whole FOR VALUES IN (5) PARTITION BY RANGE (id);
CREATE TABLE audit_event_rest PARTITION OF audit_event_whole DEFAULT;
CREATE TABLE audit_event_1y_rest PARTITION OF audit_event_1y DEFAULT;
CREATE TABLE audit_event_3y_rest PARTITION OF audit_event_3y DEFAULT;
CREATE TABLE audit_event_5y_rest PARTITION OF audit_event_5y DEFAULT;

DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT relid FROM pg_partition_tree('audit_event_whole') LOOP
        PERFORM safehold.force_policies(part);
        EXECUTE format('REVOKE ALL ON %s FROM public', part);
        PERFORM safehold.make_append_only(part);
    END LOOP;
END
$$;
SELECT safehold.make_months('audit_event_whole');

-- A home from before there were parts: its events move in here. Nothing else can have been in the old table's place.
DO $$
DECLARE
    oldest uuid;
BEGIN
    IF to_regclass(format('%I.audit_event', current_schema())) IS NOT NULL THEN
        ALTER TABLE audit_event_whole NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY;
        SELECT e.id INTO oldest FROM audit_event e ORDER BY e.id LIMIT 1;
        PERFORM safehold.make_months('audit_event_whole', coalesce(safehold.moment_of(oldest), now())::date);
        INSERT INTO audit_event_whole (tenant_id, id, at, xid, type, actor, target, body, personal, class)
        SELECT tenant_id, id, at, xid, type, actor, target, body, personal,
            CASE tenant_id WHEN '00000000-0000-0000-0000-000000000001' THEN 0 ELSE 5 END
        FROM audit_event;
        DROP TABLE audit_event;
        ALTER TABLE audit_event_whole FORCE ROW LEVEL SECURITY;
    END IF;
END
$$;
ALTER TABLE audit_event_whole RENAME TO audit_event;

ALTER TABLE audit_event ADD CONSTRAINT audit_event_pkey PRIMARY KEY (tenant_id, id, class);
CREATE INDEX audit_event_unsealed ON audit_event (xid, id);
CREATE INDEX audit_event_by_time ON audit_event (tenant_id, at, id);
CREATE INDEX audit_event_by_target ON audit_event (tenant_id, target, at, id) WHERE target <> '';
CREATE INDEX audit_event_by_type ON audit_event (tenant_id, type, at, id);
CREATE INDEX audit_event_by_actor ON audit_event (tenant_id, actor, at, id);

CREATE POLICY own_log ON audit_event FOR SELECT TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_log()));
CREATE POLICY own_heads ON audit_event FOR SELECT TO safehold_app
    USING (
        tenant_id = '00000000-0000-0000-0000-000000000001'
        AND (
            right(target, 36) = (SELECT safehold.scope_log())::text
            OR (SELECT safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
        )
    );
CREATE POLICY own_log_adds ON audit_event FOR INSERT TO safehold_app
    WITH CHECK (tenant_id = (SELECT safehold.scope_log_write()));
CREATE POLICY sealer_reads ON audit_event FOR SELECT TO safehold_sealer USING (true);
CREATE POLICY sealer_adds ON audit_event FOR INSERT TO safehold_sealer
    WITH CHECK (tenant_id = '00000000-0000-0000-0000-000000000001' AND type = 'log.sealed');

-- An event's time must be the present, within the bounds that verifiers hold exports to (specs/audit-log.md, section 10),
-- and so must the time in its id, which says in which month's part it lies: what is back-dated never gets in.
CREATE POLICY present_time ON audit_event AS RESTRICTIVE FOR INSERT TO safehold_app, safehold_sealer
    WITH CHECK (
        at >= clock_timestamp() - INTERVAL '1 hour'
        AND at <= clock_timestamp() + INTERVAL '5 minutes'
        AND id > (SELECT safehold.first_id(clock_timestamp() - INTERVAL '2 hours'))
        AND id < (SELECT safehold.first_id(clock_timestamp() + INTERVAL '10 minutes'))
    );

GRANT SELECT ON audit_event TO safehold_app, safehold_sealer;
GRANT INSERT (tenant_id, id, at, type, actor, target, body, personal) ON audit_event TO safehold_app, safehold_sealer;
