-- Statements that Django's query sets can't say.

-- name: add
-- Of two uploads with one key that end at the same time, the second waits for the first to commit and then adds nothing.
INSERT INTO objects_object (tenant_id, id, kind, upload_key, size, sha256, sealed_key, created_at)
VALUES (%(tenant_id)s, %(id)s, %(kind)s, %(upload_key)s, %(size)s, %(sha256)s, %(sealed_key)s, %(created_at)s)
ON CONFLICT (tenant_id, kind, upload_key) DO NOTHING
RETURNING id;

-- name: hold
-- Held to the end of the transaction: whoever finds the file without a row knows that one may still come.
SELECT pg_advisory_xact_lock(%(number)s);

-- name: try_hold
SELECT pg_try_advisory_xact_lock(%(number)s);
