-- The condition that a record holds all of some words, each found by any of the ranges that have its place. The records are
-- gathered once, into an array that then leads the record's key: as a join, for want of statistics, the planner took it
-- for a few rows and went through the index once for each record.
"records_record"."id" = any (array(
    select holder.id from (
        select distinct asked.place, unnest(w.records) as id
        from unnest(%s::int[], %s::text[], %s::text[]) as asked (place, low, high)
        join records_word w
            on w.tenant_id = %s::uuid and w.collection_id = %s::uuid and w.word >= asked.low and w.word < asked.high
    ) holder group by holder.id having count(*) = %s
))
