-- Keeps a new active key of a subject's for the platform, unless there is one already: like add_data_key.sql.
INSERT INTO keys_platform_data_key (id, tenant_id, purpose, subject, wrapped, kek_version, created_at)
VALUES (%(id)s, %(tenant_id)s, %(purpose)s, %(subject)s, %(wrapped)s, %(kek_version)s, %(created_at)s)
ON CONFLICT (tenant_id, purpose, subject) WHERE retired_at IS NULL DO NOTHING
