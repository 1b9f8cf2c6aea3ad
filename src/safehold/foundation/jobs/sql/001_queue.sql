-- The doors to the queue of background jobs. Its tables and functions are the library's (procrastinate), shared by all
-- tenants, and the app role has no right on any of them (rights.sql): these three functions are all that it can do. Each
-- goes by the tenant and the account of the checked ticket, which it writes into the job as `tenant` and `asked_by`.
--
-- None gives a job's number away: it is counted through all tenants. The library's functions name its tables without a
-- schema, so public is on the path here; nobody but the owner can make anything there.

create table safehold.job_task (
    name text primary key,
    ids text[] not null
);
comment on table safehold.job_task is 'What a tenant''s scope may queue, and which ids such a job carries.';

create index safehold_job_tenant on procrastinate_jobs ((args ->> 'tenant'));

create function safehold.job_queue(task text, tenant uuid, ids jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
-- Queues a job in this transaction; false where the same one waits already. It carries ids only: whatever else somebody
-- puts in, another tenant or another account among it, is refused.
declare
    own constant uuid := safehold.scope_tenant();
    needed text[];
    given text[];
begin
    if tenant is distinct from own then
        raise insufficient_privilege using message = 'a job can be queued for the tenant of the scope alone';
    end if;
    select t.ids into needed from safehold.job_task t where t.name = task;
    if needed is null then
        raise insufficient_privilege using message = 'no such task is registered for tenants';
    end if;
    if jsonb_typeof(ids) is distinct from 'object' then
        raise insufficient_privilege using message = 'the ids of a job come as one object';
    end if;
    select coalesce(array_agg(e.key order by e.key collate "C"), '{}') into given from jsonb_each_text(ids) e
    where e.value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    if given is distinct from needed or (select count(*) from jsonb_object_keys(ids)) <> cardinality(needed) then
        raise insufficient_privilege using message = 'a job carries the ids that its task asks for, and nothing else';
    end if;
    perform procrastinate_defer_jobs_v1(array[row(
        'default', task, 0, null, own || ' ' || task || ' ' || ids,
        ids || jsonb_build_object('tenant', own, 'asked_by', safehold.scope_account()), null
    )::procrastinate_job_to_defer_v1]);
    return true;
exception
    when unique_violation then return false;
end $$;

create function safehold.job_end(account uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
-- Takes the waiting jobs that an account asked for in the scope's tenant out of the queue; how many there were.
declare
    own constant text := safehold.scope_tenant();
    ended integer;
begin
    select count(procrastinate_cancel_job_v1(j.id, false, true)) into ended from procrastinate_jobs j
    where j.args ->> 'tenant' = own and j.args ->> 'asked_by' = account::text and j.status = 'todo';
    return ended;
end $$;

create function safehold.job_list() returns table (task text, ids jsonb, asked_by uuid, status text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
-- The jobs of the scope's tenant that wait, run or failed, the oldest first.
declare
    own constant text := safehold.scope_tenant();
begin
    return query
        select j.task_name::text, j.args - array['tenant', 'asked_by'], (j.args ->> 'asked_by')::uuid, j.status::text
        from procrastinate_jobs j where j.args ->> 'tenant' = own order by j.id;
end $$;

revoke execute on function
    safehold.job_queue(text, uuid, jsonb), safehold.job_end(uuid), safehold.job_list()
from public;
grant execute on function
    safehold.job_queue(text, uuid, jsonb), safehold.job_end(uuid), safehold.job_list()
to safehold_app;
