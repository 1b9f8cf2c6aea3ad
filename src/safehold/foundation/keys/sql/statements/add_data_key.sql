-- Keeps a new active data key, unless there is one already: of two processes that make the same key at once, the second
-- waits for the first to commit and then adds nothing. The conflict is named, because the table's primary key can't be one.
INSERT INTO keys_data_key (id, tenant_id, purpose, subject, wrapped, kek_version, created_at)
VALUES (%(id)s, %(tenant_id)s, %(purpose)s, %(subject)s, %(wrapped)s, %(kek_version)s, %(created_at)s)
ON CONFLICT (tenant_id, purpose, subject) WHERE retired_at IS NULL DO NOTHING
