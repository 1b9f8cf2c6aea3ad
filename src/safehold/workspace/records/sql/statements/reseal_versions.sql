-- Writes former versions of records anew, as `reseal_records` does the present ones.
update records_version t set
    open = r.open,
    confidential = decode(nullif(r.confidential, ''), 'hex'),
    personal = decode(nullif(r.personal, ''), 'hex'),
    sensitive = decode(nullif(r.sensitive, ''), 'hex'),
    confidential_version = r.version, personal_version = r.version, sensitive_version = r.version
from unnest(
    string_to_array(%(ids)s, e'\x1f')::uuid[],
    string_to_array(%(versions)s, e'\x1f')::int[],
    string_to_array(%(open)s, e'\x1f')::jsonb[],
    string_to_array(%(confidential)s, e'\x1f'),
    string_to_array(%(personal)s, e'\x1f'),
    string_to_array(%(sensitive)s, e'\x1f')
) as r (id, version, open, confidential, personal, sensitive)
where t.tenant_id = %(tenant)s::uuid and t.record_id = r.id and t.version = r.version
