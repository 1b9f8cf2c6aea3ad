-- Reading and writing the name of the environment that a database belongs to.

-- name: is_there
SELECT to_regclass('safehold.environment') IS NOT NULL;

-- name: read
SELECT name FROM safehold.environment;

-- name: mark
-- The first name stays.
INSERT INTO safehold.environment (name) VALUES (%s) ON CONFLICT (single) DO NOTHING;

-- name: overwrite
-- What a probe tries as the app role, which must be refused.
UPDATE safehold.environment SET name = name;

-- name: forget
-- The same.
DELETE FROM safehold.environment;
