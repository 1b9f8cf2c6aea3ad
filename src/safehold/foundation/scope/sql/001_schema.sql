-- The schema that holds Safehold's own functions, and the keys that scope tickets are signed with.
--
-- `ticket_key` holds, for each key, the two HMAC blocks (RFC 2104) instead of the key itself, so that checking a ticket
-- takes two calls of the core function sha256() and no extension. Only the owner role can read it: the app role can
-- have a ticket checked, but can't make one.

CREATE SCHEMA safehold;
GRANT USAGE ON SCHEMA safehold TO safehold_app, safehold_sealer, safehold_backup, safehold_staff;

CREATE TABLE safehold.ticket_key (
    number int PRIMARY KEY CHECK (number BETWEEN 0 AND 9),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
    made_at timestamptz NOT NULL DEFAULT now()
);
