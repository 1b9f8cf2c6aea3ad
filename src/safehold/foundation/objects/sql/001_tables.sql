-- Stored files: what is known of each. A row stands for a whole file that lies in the store, and for nothing less: it is
-- written when the file is complete and durable, and nothing of it is changed afterwards.
--
-- The file lies under <tenant>/<id>, which isn't written down a second time, so that no row can point elsewhere.
-- sha256 is over the sealed bytes: copies can be compared without a key, and no row tells what is in a file.
-- sealed_key is the file's own key, sealed under the tenant's data key for objects and for this place alone.

CREATE TABLE objects_object (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z-]{0,39}$'),
    upload_key text NOT NULL CHECK (upload_key ~ '^[A-Za-z0-9._:-]{1,100}$'),
    size bigint NOT NULL CHECK (size >= 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    sealed_key bytea NOT NULL CHECK (length(sealed_key) = 89),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, upload_key)
);

SELECT safehold.protect_table('objects_object', ARRAY['select', 'insert', 'delete']);
