-- Claims values for unique fields, as tokens, and returns those it could claim: what is missing is another record's.
insert into records_unique (tenant_id, field_id, token, record_id, department)
select %(tenant)s::uuid, %(field)s::uuid, u.token, u.record_id, u.department
from unnest(
    string_to_array(%(tokens)s, e'\x1f')::bigint[],
    string_to_array(%(records)s, e'\x1f')::uuid[],
    string_to_array(%(departments)s, e'\x1f')::int[]
) as u (token, record_id, department)
on conflict (tenant_id, field_id, token) do nothing
returning token
