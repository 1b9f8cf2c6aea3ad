-- How the sealer fares, asked under its own login: how long ago its last pass was, how long the oldest event has waited
-- for its place, and which logs it can't sign. An event that waits is looked for behind the place that the sealer has
-- reached, so a sealer that stands still doesn't hide what came after it stopped.
SELECT
    extract(epoch FROM clock_timestamp() - s.at)::float8 AS silent,
    coalesce(
        (
            SELECT extract(epoch FROM clock_timestamp() - e.at)::float8
            FROM audit_event e
            WHERE (e.xid, e.id) >= (s.xid, s.id)
                AND NOT EXISTS (
                    SELECT FROM audit_leaf l WHERE l.tenant_id = e.tenant_id AND l.event_id = e.id
                )
            ORDER BY e.xid, e.id
            LIMIT 1
        ),
        0
    ) AS waiting,
    ARRAY(SELECT g.origin || ': ' || g.trouble FROM audit_log g WHERE g.trouble <> '' ORDER BY g.origin) AS troubled
FROM audit_sealer_state s;
