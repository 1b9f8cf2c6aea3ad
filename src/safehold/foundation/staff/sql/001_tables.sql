-- The staff's register, the grants by which staff look into a tenant, and whether a tenant wants to approve them first.
--
-- staff_member is the platform's: open to its scope, and a person's own row to them. A grant is the tenant's: every change
-- of one is made in that tenant's scope; the platform reads them all, and who it is for reads their own.

create table staff_member (
    account_id uuid primary key,
    name text not null check (btrim(name) <> ''),
    email text not null check (email <> ''),
    duty text not null check (btrim(duty) <> ''),
    since timestamptz not null,
    left_at timestamptz check (left_at >= since)
);

-- Times follow from each other: asked, decided where the tenant wants to, open from and until, ended before that or not.
-- However it is asked for, no grant lasts longer than twelve hours.
create table staff_grant (
    tenant_id uuid not null references tenancy_tenant (id),
    id uuid not null,
    account_id uuid not null references staff_member (account_id),
    staff_name text not null check (btrim(staff_name) <> ''),
    case_number text not null check (btrim(case_number) <> ''),
    reason text not null check (btrim(reason) <> ''),
    minutes int not null check (minutes between 1 and 720),
    needs_approval boolean not null,
    requested_at timestamptz not null,
    requested_by text not null check (requested_by <> ''),
    decide_by timestamptz not null check (decide_by > requested_at),
    approved_at timestamptz,
    approved_by uuid,
    refused_at timestamptz,
    refused_by uuid,
    from_at timestamptz,
    until_at timestamptz,
    ended_at timestamptz,
    ended_by text,
    primary key (tenant_id, id),
    check ((from_at is null) = (until_at is null)),
    check (until_at > from_at and until_at <= from_at + minutes * interval '1 minute'),
    check ((approved_at is null) = (approved_by is null)),
    check ((refused_at is null) = (refused_by is null)),
    check ((ended_at is null) = (ended_by is null)),
    check (from_at is null or refused_at is null),
    check (from_at is null or not needs_approval or approved_at is not null)
);
create index staff_grant_account on staff_grant (account_id);

create table staff_consent (
    tenant_id uuid primary key references tenancy_tenant (id),
    needs_approval boolean not null,
    changed_at timestamptz not null,
    changed_by text not null
);

create function safehold.keep_grant() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- A grant can be decided and ended, and nothing else: it never opens again, reaches further or lasts longer.
begin
    if (old.tenant_id, old.id, old.account_id, old.staff_name, old.case_number, old.reason, old.minutes, old.needs_approval,
            old.requested_at, old.requested_by, old.decide_by)
        is distinct from (new.tenant_id, new.id, new.account_id, new.staff_name, new.case_number, new.reason, new.minutes,
            new.needs_approval, new.requested_at, new.requested_by, new.decide_by)
        or (old.ended_at is not null and new.ended_at is distinct from old.ended_at)
        or (old.ended_at is not null and new.from_at is distinct from old.from_at)
        or (old.refused_at is not null and new.refused_at is distinct from old.refused_at)
        or (old.from_at is not null and (old.from_at, old.until_at, old.approved_at, old.approved_by)
            is distinct from (new.from_at, new.until_at, new.approved_at, new.approved_by))
    then
        raise exception using errcode = 'restrict_violation', message = 'a grant can''t be changed like this';
    end if;
    return new;
end $$;
create trigger keep_grant before update on staff_grant for each row execute function safehold.keep_grant();
alter table staff_grant enable always trigger keep_grant;

select safehold.force_policies('staff_member');
create policy register on staff_member to safehold_app
    using ((select safehold.scope_kind()) = 'platform') with check ((select safehold.scope_kind()) = 'platform');
create policy own_row on staff_member for select to safehold_app
    using (account_id = (select safehold.scope_account_outside()));
create policy at_the_door on staff_member for select to safehold_owner using (left_at is null);
select safehold.grant_app('staff_member', array['select', 'insert', 'update']);

select safehold.force_policies('staff_grant');
create policy tenant_rows on staff_grant to safehold_app
    using (tenant_id = (select safehold.scope_tenant_or_null()))
    with check (tenant_id = (select safehold.scope_tenant_or_null()));
create policy register on staff_grant for select to safehold_app
    using ((select safehold.scope_kind()) = 'platform');
create policy own_grants on staff_grant for select to safehold_app
    using (account_id = (select safehold.scope_account_outside()));
create policy at_the_door on staff_grant for select to safehold_owner
    using (
        from_at <= clock_timestamp() and clock_timestamp() < until_at and ended_at is null
        and (approved_at is not null or not needs_approval)
    );
select safehold.grant_app('staff_grant', array['select', 'insert', 'update']);

select safehold.protect_table('staff_consent', array['select', 'insert', 'update']);
