-- What readers run, under the policies of whoever reads.

-- name: tile
-- Up to 256 hashes of one level of a log's tree, joined, from the place where the tile begins.
SELECT string_agg(hash, ''::bytea ORDER BY index)
FROM (
    SELECT index, digest AS hash FROM audit_leaf
    WHERE %(level)s = 0 AND tenant_id = %(log)s AND index >= %(start)s AND index < %(start)s + 256
    UNION ALL
    SELECT index, hash FROM audit_node
    WHERE tenant_id = %(log)s AND level = %(level)s AND index >= %(start)s AND index < %(start)s + 256
) AS hashes;

-- name: leaves
-- A stretch of places, in order.
SELECT index, event_id, digest, chain
FROM audit_leaf
WHERE tenant_id = %(log)s AND index >= %(start)s AND index < %(end)s
ORDER BY index;

-- name: events
-- The events of a log with these ids. The least and the greatest are given apart, so that only the months between them
-- are looked at.
SELECT id, body, type, actor, target, at, personal
FROM audit_event
WHERE tenant_id = %(log)s AND id BETWEEN %(least)s AND %(most)s AND id = ANY(%(ids)s::uuid[]);
