-- Guests: people who are let into a tenant for one purpose and a time, and are no members of it. An auditor reads the log.
--
-- A guest's transaction has a kind of its own, which no policy of a tenant's table takes: it opens the log to be read
-- (scope_log), and what is below. Each statement asks at the door whether the place is still theirs.

CREATE TABLE tenancy_guest (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenancy_tenant (id),
    account_id uuid,
    kind text NOT NULL CHECK (kind IN ('auditor')),
    email text NOT NULL,
    name text NOT NULL DEFAULT '',
    until_at timestamptz NOT NULL,
    invited_at timestamptz NOT NULL,
    invited_by text NOT NULL,
    accepted_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((account_id IS NULL) = (accepted_at IS NULL)),
    CHECK (until_at > invited_at)
);
CREATE UNIQUE INDEX tenancy_guest_email ON tenancy_guest (tenant_id, lower(email)) WHERE ended_at IS NULL;
-- Led by the account, not the tenant: it serves the one question asked before a tenant is known.
CREATE INDEX tenancy_guest_account ON tenancy_guest (account_id) WHERE account_id IS NOT NULL;

-- Whose place it is, who gave it and when stays as it was; an end that has come stays, and can only come earlier.
CREATE FUNCTION safehold.keep_guest() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (old.tenant_id, old.id, old.kind, old.invited_at, old.invited_by)
            IS DISTINCT FROM (new.tenant_id, new.id, new.kind, new.invited_at, new.invited_by)
        OR new.until_at > old.until_at
        OR (old.account_id IS NOT NULL AND new.account_id IS DISTINCT FROM old.account_id)
        OR (old.ended_at IS NOT NULL AND new.ended_at IS DISTINCT FROM old.ended_at)
    THEN
        RAISE restrict_violation USING MESSAGE = 'a guest''s place can''t be changed like this';
    END IF;
    RETURN new;
END $$;
REVOKE EXECUTE ON FUNCTION safehold.keep_guest() FROM PUBLIC;
CREATE TRIGGER keep_guest BEFORE UPDATE ON tenancy_guest FOR EACH ROW EXECUTE FUNCTION safehold.keep_guest();
ALTER TABLE tenancy_guest ENABLE ALWAYS TRIGGER keep_guest;

SELECT safehold.force_policies('tenancy_guest');
CREATE POLICY tenant_rows ON tenancy_guest TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()))
    WITH CHECK (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY own_places ON tenancy_guest FOR SELECT TO safehold_app
    USING (account_id = (SELECT safehold.scope_account_outside()));
CREATE POLICY at_the_door ON tenancy_guest FOR SELECT TO safehold_owner
    USING (ended_at IS NULL AND clock_timestamp() < until_at);
SELECT safehold.grant_app('tenancy_guest', ARRAY['select', 'insert', 'update']);

CREATE OR REPLACE FUNCTION safehold.guest_tenant(tenant uuid, account uuid) RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- The tenant whose log is open to a guest now; raises where none is. The owner, with whose rights this runs, sees by its
-- own policy only places that are open at this moment.
--
-- Only in READ COMMITTED: an older snapshot would still show a place that the tenant has ended meanwhile.
BEGIN
    PERFORM FROM public.tenancy_guest g WHERE g.tenant_id = tenant AND g.account_id = account
        AND g.ended_at IS NULL AND clock_timestamp() < g.until_at;
    IF NOT FOUND OR current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE insufficient_privilege USING MESSAGE = 'no guest''s place is open here now';
    END IF;
    RETURN tenant;
END $$;

-- What a guest reads besides the log: what the tenant is called, and the names of people whom the log names.
CREATE POLICY d_guest_of ON tenancy_tenant FOR SELECT TO safehold_app
    USING (EXISTS (
        SELECT FROM tenancy_guest g
        WHERE g.tenant_id = tenancy_tenant.id AND g.account_id = (SELECT safehold.scope_account_outside())
    ));
CREATE POLICY e_guest ON tenancy_tenant FOR SELECT TO safehold_app
    USING (id = (SELECT safehold.scope_guest()));
CREATE FUNCTION safehold.log_names(tenant uuid, member uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- Whether the tenant's log, as far as the caller may read it, names the member. A function, with the caller's rights, so that
-- the log's many parts are planned when a guest asks, and not with each statement of everybody that reads members.
DECLARE
    named CONSTANT text := 'member:' || member;
BEGIN
    RETURN EXISTS (SELECT FROM public.audit_event e WHERE e.tenant_id = tenant AND e.actor = named)
        OR EXISTS (
            SELECT FROM public.audit_event e WHERE e.tenant_id = tenant AND e.target <> '' AND e.target = named
        );
END $$;
REVOKE EXECUTE ON FUNCTION safehold.log_names(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION safehold.log_names(uuid, uuid) TO safehold_app;
-- A CASE, because the log's own policies raise for who may read no log: it is asked for guests only.
CREATE POLICY x_guest ON tenancy_member FOR SELECT TO safehold_app
    USING (CASE WHEN tenant_id = (SELECT safehold.scope_guest()) THEN safehold.log_names(tenant_id, id) ELSE false END);

-- The keys that open what lies sealed beside events, and no other; wrapped, as they all are. The tenant's own policy on
-- this table raised for every other kind of scope; now it opens nothing to them.
ALTER POLICY tenant_rows ON keys_data_key
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()))
    WITH CHECK (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY x_guest ON keys_data_key FOR SELECT TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_guest()) AND purpose = 'event');
