-- Who is given heads of logs, and what they gave back. The nil tenant stands for the platform, whose heads are those of the
-- log of logs: one stands for all.
--
-- The platform's scope sees every place, so that one job can tell which are due; what is sealed in a tenant's place opens in
-- that tenant's scope only. A tenant sees the platform's places too, which are no secret: what they hold stands for its log.

CREATE TABLE anchors_place (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('witness', 'time-stamp', 'webhook', 'mail', 'object-store')),
    destination_id uuid,
    sealed bytea NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    ended_at timestamptz,
    size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
    held_at timestamptz,
    tried_at timestamptz,
    failures int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    trouble text NOT NULL DEFAULT '' CHECK (length(trouble) <= 300),
    contradiction text NOT NULL DEFAULT '' CHECK (length(contradiction) <= 300),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, destination_id) REFERENCES egress_destination (tenant_id, id)
);

CREATE TABLE anchors_receipt (
    tenant_id uuid NOT NULL,
    place_id uuid NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    at timestamptz NOT NULL,
    note bytea NOT NULL,
    receipt bytea NOT NULL,
    PRIMARY KEY (tenant_id, place_id, size),
    FOREIGN KEY (tenant_id, place_id) REFERENCES anchors_place (tenant_id, id)
);

SELECT safehold.force_policies('anchors_place');
SELECT safehold.close_conflicts('anchors_place');
SELECT safehold.open_to_each('anchors_place');
CREATE POLICY due_places ON anchors_place FOR SELECT TO safehold_app
    USING (
        (SELECT safehold.scope_kind()) = 'platform'
        OR (tenant_id = '00000000-0000-0000-0000-000000000000' AND (SELECT safehold.scope_tenant_or_null()) IS NOT NULL)
    );
SELECT safehold.grant_app('anchors_place', ARRAY['select', 'insert']);
GRANT UPDATE (ended_at, size, held_at, tried_at, failures, trouble, contradiction) ON anchors_place TO safehold_app;

SELECT safehold.force_policies('anchors_receipt');
SELECT safehold.close_conflicts('anchors_receipt');
SELECT safehold.open_to_each('anchors_receipt');
SELECT safehold.grant_app('anchors_receipt', ARRAY['select', 'insert']);
SELECT safehold.make_append_only('anchors_receipt');
