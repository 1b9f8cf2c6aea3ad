-- Adds index rows: which records hold which words.
insert into records_word (tenant_id, collection_id, word, department, id, records)
select %(tenant)s::uuid, %(collection)s::uuid, w.word, w.department, w.id, w.records::uuid[]
from unnest(
    string_to_array(%(words)s, e'\x1f'),
    string_to_array(%(departments)s, e'\x1f')::int[],
    string_to_array(%(ids)s, e'\x1f')::uuid[],
    string_to_array(%(records)s, e'\x1f')
) as w (word, department, id, records)
