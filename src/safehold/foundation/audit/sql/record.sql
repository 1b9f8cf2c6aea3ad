-- What writers run: one event, or many in one statement.

-- name: record
INSERT INTO audit_event (tenant_id, id, at, type, actor, target, body, personal)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s);

-- name: record_many
INSERT INTO audit_event (tenant_id, id, at, type, actor, target, body, personal)
SELECT * FROM unnest(
    %s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[]
);
