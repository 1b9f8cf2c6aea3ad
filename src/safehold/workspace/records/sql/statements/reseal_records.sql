-- Writes records anew: the same content, sealed and sorted as their collection's fields now say.
update records_record t set
    open = r.open,
    confidential = decode(nullif(r.confidential, ''), 'hex'),
    personal = decode(nullif(r.personal, ''), 'hex'),
    sensitive = decode(nullif(r.sensitive, ''), 'hex'),
    confidential_version = r.version, personal_version = r.version, sensitive_version = r.version,
    s1 = case when %(s1)s::text is not null then coalesce(r.s1, '') end,
    s2 = case when %(s2)s::text is not null then coalesce(r.s2, '') end,
    s3 = case when %(s3)s::text is not null then coalesce(r.s3, '') end,
    s4 = case when %(s4)s::text is not null then coalesce(r.s4, '') end,
    s5 = case when %(s5)s::text is not null then coalesce(r.s5, '') end,
    s6 = case when %(s6)s::text is not null then coalesce(r.s6, '') end,
    s7 = case when %(s7)s::text is not null then coalesce(r.s7, '') end,
    s8 = case when %(s8)s::text is not null then coalesce(r.s8, '') end
from unnest(
    string_to_array(%(ids)s, e'\x1f')::uuid[],
    string_to_array(%(versions)s, e'\x1f')::int[],
    string_to_array(%(open)s, e'\x1f')::jsonb[],
    string_to_array(%(confidential)s, e'\x1f'),
    string_to_array(%(personal)s, e'\x1f'),
    string_to_array(%(sensitive)s, e'\x1f'),
    string_to_array(%(s1)s, e'\x1f'), string_to_array(%(s2)s, e'\x1f'),
    string_to_array(%(s3)s, e'\x1f'), string_to_array(%(s4)s, e'\x1f'),
    string_to_array(%(s5)s, e'\x1f'), string_to_array(%(s6)s, e'\x1f'),
    string_to_array(%(s7)s, e'\x1f'), string_to_array(%(s8)s, e'\x1f')
) as r (id, version, open, confidential, personal, sensitive, s1, s2, s3, s4, s5, s6, s7, s8)
where t.tenant_id = %(tenant)s::uuid and t.id = r.id
