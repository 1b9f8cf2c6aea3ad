-- Keys of one subject each, so that what is kept about one person can be made unreadable by itself.
--
-- A destroyed key keeps its row, without the key: whoever meets a value that it sealed learns that the value was erased,
-- and not that somebody has tampered with it. Nothing can give the row a key again that opens what the old one sealed.
--
-- The platform's keys of subjects lie in a table, not with its other keys in the key store's document: there is one for
-- each account, and a document is written whole. They are wrapped under the platform's key, which isn't in the database.

ALTER TABLE keys_data_key ADD COLUMN destroyed_at timestamptz;
ALTER TABLE keys_data_key DROP CONSTRAINT keys_data_key_wrapped_check;
ALTER TABLE keys_data_key ADD CONSTRAINT keys_data_key_wrapped_check CHECK (
    CASE WHEN destroyed_at IS NULL THEN length(wrapped) BETWEEN 32 AND 1000
        ELSE length(wrapped) = 0 AND retired_at IS NOT NULL END
);
CREATE INDEX keys_data_key_of_subject ON keys_data_key (tenant_id, subject) WHERE subject <> '';
GRANT UPDATE (destroyed_at) ON keys_data_key TO safehold_app;
SELECT safehold.keep_no_statistics('keys_data_key');

CREATE TABLE keys_platform_data_key (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL CHECK (tenant_id = '00000000-0000-0000-0000-000000000000'),
    purpose text NOT NULL CHECK (purpose ~ '^[a-z-]{1,40}$'),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    wrapped bytea NOT NULL,
    kek_version int NOT NULL CHECK (kek_version > 0),
    uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    destroyed_at timestamptz,
    CHECK (
        CASE WHEN destroyed_at IS NULL THEN length(wrapped) BETWEEN 32 AND 1000
            ELSE length(wrapped) = 0 AND retired_at IS NOT NULL END
    )
);
CREATE UNIQUE INDEX keys_platform_data_key_active ON keys_platform_data_key (tenant_id, purpose, subject)
    WHERE retired_at IS NULL;
CREATE INDEX keys_platform_data_key_of_subject ON keys_platform_data_key (tenant_id, subject);

SELECT safehold.force_policies('keys_platform_data_key');
SELECT safehold.close_conflicts('keys_platform_data_key');
CREATE POLICY outside_tenants ON keys_platform_data_key TO safehold_app
    USING ((SELECT safehold.scope_kind()) IN ('account', 'sign-in', 'platform'))
    WITH CHECK ((SELECT safehold.scope_kind()) IN ('account', 'sign-in', 'platform'));
CREATE POLICY destroyed_by_the_platform ON keys_platform_data_key AS RESTRICTIVE FOR UPDATE TO safehold_app
    USING ((SELECT safehold.scope_kind()) = 'platform');
SELECT safehold.grant_app('keys_platform_data_key', ARRAY['select', 'insert']);
GRANT UPDATE (wrapped, kek_version, uses, retired_at, destroyed_at) ON keys_platform_data_key TO safehold_app;
