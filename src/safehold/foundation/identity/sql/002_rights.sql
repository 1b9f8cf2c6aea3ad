-- Who reads and writes identity's tables and those of allauth: see 001_tables.sql for the rule.

create function safehold.protect_identity(name regclass, own text, tenant boolean default false) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
-- Puts FORCE row-level security and one policy on an identity table. `own` is the condition for the account kind; with
-- `tenant`, rows of the scope's own tenant are open to the tenant kind.
declare
    condition text := format(
        'case (select safehold.scope_kind()) when ''sign-in'' then true when ''account'' then %s %s else false end',
        own,
        case when tenant then 'when ''tenant'' then tenant_id = (select safehold.scope_tenant())' else '' end
    );
begin
    perform safehold.force_policies(name);
    execute format('create policy own_rows on %s to safehold_app using (%s) with check (%s)', name, condition, condition);
    perform safehold.grant_app(name);
end
$$;
revoke all on function safehold.protect_identity(regclass, text, boolean) from public;

select safehold.protect_identity('public.identity_account', 'id = (select safehold.scope_account())');
select safehold.protect_identity('public.identity_session', 'account_id = (select safehold.scope_account())');
select safehold.protect_identity('public.identity_token', 'account_id = (select safehold.scope_account())', true);
select safehold.protect_identity('public.identity_invitation', 'false', true);
select safehold.protect_identity('public.identity_attempt', 'false');
select safehold.protect_identity('public.account_emailaddress', 'user_id = (select safehold.scope_account())');
select safehold.protect_identity('public.account_emailconfirmation', 'false');
select safehold.protect_identity('public.mfa_authenticator', 'user_id = (select safehold.scope_account())');
