-- A thousand tenants with about a million rows, one with a fifth of them, put beside three that were made by our own
-- flows (parameters: their tenants, collections and fields). A superuser runs it, past policies and references.

-- name: tenants
create temporary table crowd as
select place, case when place = 1 then %(records)s / 5
    else greatest(3, (%(records)s * 0.8 / 3.3 / place ^ 0.85)::int / 10 * 3) end as size,
    coalesce(known.tenant, md5('tenant' || place)::uuid) as tenant,
    coalesce(known.collection, md5('collection' || place)::uuid) as collection,
    coalesce(known.code, md5('code' || place)::uuid) as code,
    coalesce(known.chief, md5('chief' || place)::uuid) as chief
from generate_series(1, 1000) as place
left join unnest(%(places)s::int[], %(tenants)s::uuid[], %(collections)s::uuid[], %(codes)s::uuid[], %(chiefs)s::uuid[])
    as known (at, tenant, collection, code, chief) on known.at = place;

create temporary table people as
select crowd.*, k, md5(tenant::text || k)::uuid as id, case when k %% 10 = 0 then 2 else k %% 2 end as department
from crowd cross join lateral generate_series(1, size) as k order by k::float / size;

-- name: fill
insert into records_record (
    tenant_id, id, collection_id, department, open, s1, s2, s3, created_at, created_by, updated_at, updated_by, action
)
select tenant, id, collection, department, jsonb_build_object('code', k::text, 'name', 'Name ' || k),
    '2' || 500 + length(k::text) || rtrim(k::text, '0'), 'name ' || k, (date '2000-01-01' + k %% 9000)::text,
    now(), 'system:crowd', now(), 'system:crowd', 'imported'
from people;
insert into records_word (tenant_id, collection_id, word, department, id, records)
select tenant, collection, k::text, department, id, array[id] from people
union all
select tenant, collection, word, department, (array_agg(id))[1], array_agg(id)
from people cross join (values ('name', 1), ('bakery', 10)) as w (word, every)
where k %% every = 0 group by tenant, collection, word, department, k / 512;
insert into records_unique (tenant_id, field_id, token, record_id, department)
select tenant, code, 2 ^ 40 + k, id, department from people;
insert into records_reference (tenant_id, field_id, record_id, target_id, department)
select tenant, chief, id, md5(tenant::text || k / 2)::uuid, department from people where k > 1 and k %% 3 = 0;
insert into records_version (
    tenant_id, record_id, version, department, open, confidential_version, personal_version, sensitive_version, made_at,
    made_by, action, changed
)
select tenant, id, 0, department, '{}', 1, 1, 1, now(), 'system:crowd', 'edited', '{}' from people where k %% 10 = 0;
insert into tenancy_member (tenant_id, id, email, name, role, status, departments, created_at)
select tenant, md5('member' || id)::uuid, 'ada-' || id || '@example.com', 'Ada ' || k, 'employee', 'active', '{}', now()
from people where k %% 25 = 0;
insert into audit_event (tenant_id, id, type, actor, target, body)
select p.tenant, md5('event' || p.id)::uuid, e.type, 'system:crowd', e.target, e.body
from people p join lateral (
    select type, target, body from audit_event where tenant_id = p.tenant order by id desc limit 1
) e on true where k %% 2 = 0;

-- name: settle
vacuum analyze records_record, records_word, records_unique, records_reference, records_version, tenancy_member,
    audit_event;

-- name: empty
delete from records_version where tenant_id in (select tenant from crowd);
delete from records_reference where tenant_id in (select tenant from crowd);
delete from records_unique where tenant_id in (select tenant from crowd);
delete from records_word where tenant_id in (select tenant from crowd);
delete from records_record where tenant_id in (select tenant from crowd);
delete from tenancy_member where tenant_id in (select tenant from crowd);
-- The log refuses that, so it is told not to look, and then to look again, as a superuser can.
do $$
declare
    guard name;
begin
    alter table audit_event disable trigger user;
    delete from audit_event where tenant_id in (select tenant from crowd) and actor = 'system:crowd';
    for guard in select tgname from pg_trigger where tgrelid = 'audit_event'::regclass and not tgisinternal loop
        execute format('alter table audit_event enable always trigger %I', guard);
    end loop;
end $$;
