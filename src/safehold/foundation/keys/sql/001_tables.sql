-- The tenants' data keys, each wrapped under its tenant's key, which never enters the database.
--
-- One key for each purpose and subject may be active; the partial unique index settles a race between two processes that
-- both find none: the second one's INSERT ... ON CONFLICT DO NOTHING waits for the first and then does nothing.
-- What a key is for can't be changed, only how it is wrapped, when it was retired and how often it was used.

CREATE TABLE keys_data_key (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL CHECK (tenant_id <> '00000000-0000-0000-0000-000000000000'),
    purpose text NOT NULL CHECK (purpose ~ '^[a-z-]{1,40}$'),
    subject text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    wrapped bytea NOT NULL CHECK (length(wrapped) BETWEEN 32 AND 1000),
    kek_version int NOT NULL CHECK (kek_version > 0),
    uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX keys_data_key_active ON keys_data_key (tenant_id, purpose, subject) WHERE retired_at IS NULL;

SELECT safehold.protect_table('keys_data_key', ARRAY['select', 'insert', 'delete']);
GRANT UPDATE (wrapped, kek_version, uses, retired_at) ON keys_data_key TO safehold_app;
