-- The door that policies ask at (scope/sql/003_protect.sql, open_to_staff): a grant for the account and the tenant of the
-- checked ticket that is open at this moment. The owner, with whose rights these run, sees by its own policies only grants
-- that are open, and staff who haven't left: there is nothing else that they could find.

create function safehold.staff_rule(tenant uuid, account uuid) returns timestamptz
language plpgsql stable parallel restricted set search_path = pg_catalog, pg_temp as $$
-- The one rule: until when a grant opens a tenant to one of the staff at this moment; null where none does.
declare
    ends timestamptz;
begin
    select max(g.until_at) into ends
    from public.staff_grant g join public.staff_member m on m.account_id = g.account_id
    where g.tenant_id = tenant and g.account_id = account
        and g.from_at <= clock_timestamp() and clock_timestamp() < g.until_at and g.ended_at is null
        and (g.approved_at is not null or not g.needs_approval) and m.left_at is null;
    return ends;
end $$;

create or replace function safehold.staff_until() returns timestamptz
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
-- Until when a statement of staff that begins now may give rows: the grant's end, and 15 seconds at most, so that a grant
-- that is ended early is felt by a cursor too. Raises where no grant is open.
--
-- Only in READ COMMITTED: an older snapshot would still show a grant that its tenant has ended meanwhile.
declare
    ticket constant text := safehold.staff_ticket();
    ends constant timestamptz := safehold.staff_rule(substr(ticket, 67, 32)::uuid, substr(ticket, 99, 32)::uuid);
begin
    if ends is null or current_setting('transaction_isolation') <> 'read committed' then
        raise insufficient_privilege using message = 'no support access: there is no grant that is open now';
    end if;
    return least(ends, clock_timestamp() + interval '15 seconds');
end $$;

create or replace function safehold.staff_tenant() returns uuid
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
-- The tenant that a grant opens to staff now; raises without one.
begin
    perform safehold.staff_until();
    return substr(current_setting('safehold.ticket', true), 67, 32)::uuid;
end $$;

create function safehold.staff_would_open(account uuid) returns timestamptz
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
-- For checks, which try grants in transactions that are undone: what the rule says of the scope's own tenant.
begin
    return safehold.staff_rule(safehold.scope_tenant(), account);
end $$;

revoke execute on function safehold.staff_rule(uuid, uuid), safehold.staff_would_open(uuid) from public;
grant execute on function safehold.staff_would_open(uuid) to safehold_app;

select safehold.open_to_staff('tenancy_tenant', 'id');
select safehold.open_to_staff('tenancy_department');
select safehold.open_to_staff('tenancy_member');
