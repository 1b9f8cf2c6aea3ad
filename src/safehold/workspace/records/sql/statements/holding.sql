-- The condition that a record holds all of some words, each found by any of the ranges that have its place. The records are
-- gathered once, into an array that then leads the record's key: as a join, for want of statistics, the planner took it
-- for a few rows and went through the index once for each record. The offset keeps each range a search of its own, for else
-- it read all words of a collection once and held each against every range.
"records_record"."id" = any (array(
    select holder.id from (
        select distinct asked.place, unnest(found.records) as id
        from unnest(%s::int[], %s::text[], %s::text[]) as asked (place, low, high)
        cross join lateral (
            select w.records from records_word w
            where w.tenant_id = %s::uuid and w.collection_id = %s::uuid and w.word >= asked.low and w.word < asked.high
            offset 0
        ) found
    ) holder group by holder.id having count(*) = %s
))
