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

-- name: stretch
-- The events of a stretch of places, in order, with what the sealer wrote beside them. An event that is gone leaves its
-- place: its columns are null.
SELECT
    leaf.index, leaf.event_id, leaf.digest, leaf.chain,
    event.body, event.type, event.actor, event.target, event.at, event.personal
FROM audit_leaf leaf
LEFT JOIN audit_event event ON event.tenant_id = leaf.tenant_id AND event.id = leaf.event_id
WHERE leaf.tenant_id = %(log)s AND leaf.index >= %(start)s AND leaf.index < %(end)s
ORDER BY leaf.index;
