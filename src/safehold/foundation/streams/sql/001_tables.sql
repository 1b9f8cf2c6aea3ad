-- Streams: where a log is sent on to, and how far it has been.
--
-- next_index is the place in the sealed log that is sent next: it moves only after what stands before it has arrived, so
-- nothing is left out, and what was sent when an answer was lost is sent again. claimed_until says which worker has the
-- stream now: whoever set it is the only one to move it on. sealed holds a webhook's path and keys, for this row alone.

CREATE TABLE streams_stream (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('webhook', 'syslog')),
    host text NOT NULL,
    destination_id uuid NOT NULL,
    personal boolean NOT NULL,
    sealed bytea NOT NULL,
    next_index bigint NOT NULL CHECK (next_index >= 0),
    sent bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    paused_at timestamptz,
    ended_at timestamptz,
    due_at timestamptz NOT NULL,
    claimed_until timestamptz,
    failures int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    trouble text NOT NULL DEFAULT '' CHECK (length(trouble) <= 300),
    delivered_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, destination_id) REFERENCES egress_destination (tenant_id, id)
);

-- A stream never goes back, nor to another place than it was set up for.
CREATE FUNCTION safehold.keep_stream() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (old.tenant_id, old.id, old.kind, old.host, old.destination_id, old.created_at, old.created_by)
            IS DISTINCT FROM (new.tenant_id, new.id, new.kind, new.host, new.destination_id, new.created_at, new.created_by)
        OR new.next_index < old.next_index
        OR (old.ended_at IS NOT NULL AND new.ended_at IS DISTINCT FROM old.ended_at)
    THEN
        RAISE restrict_violation USING MESSAGE = 'a stream can''t be changed like this';
    END IF;
    RETURN new;
END $$;
REVOKE EXECUTE ON FUNCTION safehold.keep_stream() FROM PUBLIC;
CREATE TRIGGER keep_stream BEFORE UPDATE ON streams_stream FOR EACH ROW EXECUTE FUNCTION safehold.keep_stream();
ALTER TABLE streams_stream ENABLE ALWAYS TRIGGER keep_stream;

SELECT safehold.force_policies('streams_stream');
SELECT safehold.open_to_each('streams_stream');
CREATE POLICY register ON streams_stream FOR SELECT TO safehold_app
    USING ((SELECT safehold.scope_kind()) = 'platform');
SELECT safehold.grant_app('streams_stream', ARRAY['select', 'insert', 'update']);
