-- Takes one record out of the index rows of some words. Rows are locked in one order, so that two edits of records that
-- share words wait for each other instead of locking each other out; rows that are empty then go.
with held as (
    select w.word, w.id from records_word w
    where w.tenant_id = %(tenant)s::uuid and w.collection_id = %(collection)s::uuid
        and w.word = any (string_to_array(%(words)s, e'\x1f')) and w.department = %(department)s::int
        and %(record)s::uuid = any (w.records)
    order by w.word, w.id
    for update
), emptied as (
    delete from records_word w using held
    where w.tenant_id = %(tenant)s::uuid and w.collection_id = %(collection)s::uuid and w.word = held.word
        and w.department = %(department)s::int and w.id = held.id
        and array_remove(w.records, %(record)s::uuid) = '{}'
    returning w.word, w.id
)
update records_word w set records = array_remove(w.records, %(record)s::uuid)
from held
where w.tenant_id = %(tenant)s::uuid and w.collection_id = %(collection)s::uuid and w.word = held.word
    and w.department = %(department)s::int and w.id = held.id
    and array_remove(w.records, %(record)s::uuid) <> '{}'
