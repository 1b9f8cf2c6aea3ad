-- Adds records, from one text for each column. The text of a class that the collection doesn't use is null; so is that of
-- a slot that no field has. In the others, nothing is the empty text, which is also what a single empty value becomes.
insert into records_record (
    tenant_id, id, collection_id, department, open, confidential, personal, sensitive,
    s1, s2, s3, s4, s5, s6, s7, s8, created_at, created_by, updated_at, updated_by, action
)
select
    %(tenant)s::uuid, r.id, %(collection)s::uuid, r.department, r.open,
    decode(nullif(r.confidential, ''), 'hex'), decode(nullif(r.personal, ''), 'hex'),
    decode(nullif(r.sensitive, ''), 'hex'),
    case when %(s1)s::text is not null then coalesce(r.s1, '') end,
    case when %(s2)s::text is not null then coalesce(r.s2, '') end,
    case when %(s3)s::text is not null then coalesce(r.s3, '') end,
    case when %(s4)s::text is not null then coalesce(r.s4, '') end,
    case when %(s5)s::text is not null then coalesce(r.s5, '') end,
    case when %(s6)s::text is not null then coalesce(r.s6, '') end,
    case when %(s7)s::text is not null then coalesce(r.s7, '') end,
    case when %(s8)s::text is not null then coalesce(r.s8, '') end,
    %(at)s::timestamptz, %(by)s::text, %(at)s::timestamptz, %(by)s::text, %(action)s::text
from unnest(
    string_to_array(%(ids)s, e'\x1f')::uuid[],
    string_to_array(%(departments)s, e'\x1f')::int[],
    string_to_array(%(open)s, e'\x1f')::jsonb[],
    string_to_array(%(confidential)s, e'\x1f'),
    string_to_array(%(personal)s, e'\x1f'),
    string_to_array(%(sensitive)s, e'\x1f'),
    string_to_array(%(s1)s, e'\x1f'), string_to_array(%(s2)s, e'\x1f'),
    string_to_array(%(s3)s, e'\x1f'), string_to_array(%(s4)s, e'\x1f'),
    string_to_array(%(s5)s, e'\x1f'), string_to_array(%(s6)s, e'\x1f'),
    string_to_array(%(s7)s, e'\x1f'), string_to_array(%(s8)s, e'\x1f')
) as r (id, department, open, confidential, personal, sensitive, s1, s2, s3, s4, s5, s6, s7, s8)
