-- Where may be sent to: by a tenant, or by the platform (the nil id). What isn't here is refused.
--
-- A destination's host, port and purpose don't change: whoever wants another registers another, so that events about one
-- mean the same for ever. Paths aren't kept here: they may hold secrets, and belong to whoever sends.

CREATE TABLE egress_destination (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z-]{0,39}$'),
    scheme text NOT NULL CHECK (scheme IN ('https', 'tls')),
    host text NOT NULL CHECK (host = lower(host) AND length(host) BETWEEN 1 AND 253),
    port int NOT NULL CHECK (port BETWEEN 1 AND 65535),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    ended_at timestamptz,
    delivered_at timestamptz,
    failures int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    trouble text NOT NULL DEFAULT '' CHECK (length(trouble) <= 300),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX egress_destination_once ON egress_destination (tenant_id, purpose, scheme, host, port)
    WHERE ended_at IS NULL;

SELECT safehold.force_policies('egress_destination');
SELECT safehold.close_conflicts('egress_destination');
SELECT safehold.open_to_each('egress_destination');
SELECT safehold.grant_app('egress_destination', ARRAY['select', 'insert']);
GRANT UPDATE (ended_at, delivered_at, failures, trouble) ON egress_destination TO safehold_app;
