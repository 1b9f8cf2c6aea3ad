-- What writers run: one event, or many in one statement.

-- name: record
INSERT INTO audit_event (tenant_id, id, at, type, actor, target, body, personal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: record_many
INSERT INTO audit_event (tenant_id, id, at, type, actor, target, body, personal)
SELECT * FROM unnest(
    %s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[]
);
