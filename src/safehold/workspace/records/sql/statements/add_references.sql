-- Notes what records point to by one field, so that the database can check it.
insert into records_reference (tenant_id, field_id, record_id, target_id, department)
select %(tenant)s::uuid, %(field)s::uuid, r.record_id, r.target_id, r.department
from unnest(
    string_to_array(%(records)s, e'\x1f')::uuid[],
    string_to_array(%(targets)s, e'\x1f')::uuid[],
    string_to_array(%(departments)s, e'\x1f')::int[]
) as r (record_id, target_id, department)
