-- The functions that policies call to learn the scope of the present transaction. Each checks the ticket: its signature,
-- that this transaction began before the ticket ran out, and that it was made for this very backend. Whatever is wrong
-- raises 42501 (insufficient_privilege), with no value in the message.
--
-- How they are written, and why (docs/decisions/scope-ticket.md has the measurements):
-- * plpgsql, one lookup of the key and one IF: the cheapest form on PostgreSQL 15 and 18 alike.
-- * No SET search_path, which would cost half as much again on each call. Instead every function, operator and type is
--   named with its schema, so that no search_path can put another in its place.
-- * STABLE, so that `(select …)` in a policy runs once a statement; never IMMUTABLE, which could be folded into a cached
--   plan. PARALLEL RESTRICTED, because a parallel worker is another backend.
-- * One text for all of them, below; they repeat it rather than call each other, which would cost as much again.
-- * Positions, in characters: 1-64 mac, then the body: 65 key number, 66 kind, 67-98 tenant, 99-130 account,
--   131-140 backend, 141-150 begin-by, 151- role ":" departments.

CREATE FUNCTION safehold.refuse_scope(ticket text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- Raises for a ticket that is missing or not valid. Says which, and nothing of what it holds.
BEGIN
    IF ticket IS NULL OR ticket = '' THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'no scope: this transaction is not bound to a tenant or an account',
            HINT = 'Open it with scoped(...).';
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'the scope ticket of this transaction is not valid',
        HINT = 'It is forged, made for another connection, or ran out before the transaction began. '
               'With a database server on another machine, compare the clocks.';
END $$;

CREATE FUNCTION safehold.refuse_kind(needed text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- Raises for a valid ticket of the wrong kind.
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'this needs the scope of ' || needed;
END $$;

CREATE FUNCTION safehold.guest_tenant(tenant uuid, account uuid) RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
-- The tenant whose log is open to a guest now; raises where none is. A closed door: the room that keeps the guests puts
-- its own text in its place (foundation/tenancy/sql). What it is asked about comes from a ticket that was found valid.
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'no guest''s place: nobody keeps guests here';
END $$;

REVOKE EXECUTE ON FUNCTION
    safehold.refuse_scope(text), safehold.refuse_kind(text), safehold.guest_tenant(uuid, uuid)
FROM PUBLIC;

DO $make$
DECLARE
    body CONSTANT text := $body$
DECLARE
    ticket pg_catalog.text := pg_catalog.current_setting('safehold.ticket', true);
    inner_pad pg_catalog.bytea;
    outer_pad pg_catalog.bytea;
BEGIN
    SELECT k.inner_pad, k.outer_pad INTO inner_pad, outer_pad FROM safehold.ticket_key k
    WHERE k.number OPERATOR(pg_catalog.=)
        (pg_catalog.ascii(pg_catalog.substr(ticket, 65, 1)) OPERATOR(pg_catalog.-) 48);
    IF (pg_catalog.encode(pg_catalog.sha256(outer_pad OPERATOR(pg_catalog.||) pg_catalog.sha256(
            inner_pad OPERATOR(pg_catalog.||) pg_catalog.convert_to(pg_catalog.substr(ticket, 65), 'UTF8'))), 'hex')
            OPERATOR(pg_catalog.=) pg_catalog."left"(ticket, 64)) IS TRUE  -- only then the rest has a known form
        AND pg_catalog.substr(ticket, 131, 10)::pg_catalog.int4 OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
        AND pg_catalog.substr(ticket, 141, 10)::pg_catalog.float8
            OPERATOR(pg_catalog.>=) pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp())
        AND pg_catalog.substr(ticket, 66, 1) OPERATOR(pg_catalog.%s) 'F'
    THEN
        RETURN %s;
    END IF;
    PERFORM safehold.refuse_scope(ticket);
END $body$;
    -- The pieces of the ticket that the functions return or choose by.
    is_kind CONSTANT text := 'pg_catalog.substr(ticket, 66, 1) OPERATOR(pg_catalog.=) ';
    in_tenant CONSTANT text := is_kind || '''T''';
    in_platform CONSTANT text := is_kind || '''P''';
    in_guest CONSTANT text := is_kind || '''G''';
    tenant CONSTANT text := 'pg_catalog.substr(ticket, 67, 32)::pg_catalog.uuid';
    account CONSTANT text := 'pg_catalog.substr(ticket, 99, 32)::pg_catalog.uuid';
    at_the_door CONSTANT text := 'safehold.guest_tenant(' || tenant || ', ' || account || ')';
    nobody CONSTANT text := '''00000000-0000-0000-0000-000000000000''::pg_catalog.uuid';
    has_account CONSTANT text := account || ' OPERATOR(pg_catalog.<>) ' || nobody;
    rest CONSTANT text := 'pg_catalog.substr(ticket, 151)';
    refuse CONSTANT text := 'safehold.refuse_kind(''%s'')::pg_catalog.uuid';
    f record;
BEGIN
    FOR f IN
        SELECT * FROM (VALUES
            ('scope_kind', 'text', 'The kind of the scope: tenant, account, sign-in, platform or guest.',
             'CASE WHEN ' || in_tenant || ' THEN ''tenant'' WHEN ' || in_platform || ' THEN ''platform'' WHEN '
                 || is_kind || '''A'' THEN ''account'' WHEN ' || in_guest || ' THEN ''guest'' ELSE ''sign-in'' END'),
            ('scope_tenant', 'uuid', 'The tenant of a tenant''s scope; any other kind raises.',
             'CASE WHEN ' || in_tenant || ' THEN ' || tenant || ' ELSE ' || format(refuse, 'a tenant') || ' END'),
            ('scope_tenant_or_null', 'uuid', 'The tenant of a tenant''s scope; null for any other kind.',
             'CASE WHEN ' || in_tenant || ' THEN ' || tenant || ' END'),
            ('scope_account', 'uuid', 'The account that acts, whatever the kind; null where there is none.',
             'CASE WHEN ' || has_account || ' THEN ' || account || ' END'),
            ('scope_account_outside', 'uuid', 'The account that acts outside any tenant; null inside of one.',
             'CASE WHEN ' || in_tenant || ' OR ' || in_guest || ' THEN NULL WHEN ' || has_account || ' THEN ' || account || ' END'),
            ('scope_role', 'text', 'The role in the tenant; empty where there is none.',
             'pg_catalog.split_part(' || rest || ', '':'', 1)'),
            ('scope_departments', 'integer[]', 'The numbers of all departments whose rows may be reached.',
             'pg_catalog.split_part(' || rest || ', '':'', 2)::pg_catalog.int4[]'),
            ('scope_log', 'uuid', 'The log to read: the tenant''s, or the platform''s; any other kind raises.',
             'CASE WHEN ' || in_tenant || ' THEN ' || tenant || ' WHEN ' || in_platform || ' THEN ' || nobody
                 || ' WHEN ' || in_guest || ' THEN ' || at_the_door
                 || ' ELSE ' || format(refuse, 'a tenant or the platform') || ' END'),
            ('scope_log_write', 'uuid', 'The log to write to: the tenant''s, else the platform''s.',
             'CASE WHEN ' || in_tenant || ' THEN ' || tenant || ' WHEN ' || in_guest || ' THEN '
                 || format(refuse, 'somebody who may write') || ' ELSE ' || nobody || ' END'),
            ('scope_guest', 'uuid', 'The tenant whose log a guest reads; null for any other kind.',
             'CASE WHEN ' || in_guest || ' THEN ' || at_the_door || ' END')
        ) AS list (name, type, comment, value)
    LOOP
        EXECUTE format(
            'CREATE FUNCTION safehold.%I() RETURNS %s LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS %L',
            f.name, f.type, format(body, '<>', f.value)
        );
        EXECUTE format('COMMENT ON FUNCTION safehold.%I() IS %L', f.name, f.comment);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION safehold.%I() FROM PUBLIC', f.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION safehold.%I() TO safehold_app', f.name);
    END LOOP;
    EXECUTE format(
        'CREATE FUNCTION safehold.staff_ticket() RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS %L',
        format(body, '=', 'ticket')
    );
END $make$;

-- Staff in a tenant: the one kind that none of the functions above takes. `staff_ticket` gives back the checked ticket to
-- the owner's own functions. The two that policies call are closed doors here; the room that keeps the grants puts its
-- own text in their place (foundation/staff/sql).

COMMENT ON FUNCTION safehold.staff_ticket() IS 'The ticket of a staff scope, once it is found valid. For the owner.';
REVOKE EXECUTE ON FUNCTION safehold.staff_ticket() FROM PUBLIC;

CREATE FUNCTION safehold.staff_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- The tenant that a grant opens to staff now; raises without one.
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'no support access: nobody keeps grants here';
END $$;

CREATE FUNCTION safehold.staff_until() RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
-- Until when a statement of staff that begins now may give rows; raises without a grant.
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'no support access: nobody keeps grants here';
END $$;

REVOKE EXECUTE ON FUNCTION safehold.staff_tenant(), safehold.staff_until() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION safehold.staff_tenant(), safehold.staff_until() TO safehold_staff;
