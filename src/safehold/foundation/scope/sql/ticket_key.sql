-- Puts this installation's ticket key where only the owner role reads it. The same key again changes nothing.

-- name: install
INSERT INTO safehold.ticket_key (number, inner_pad, outer_pad) VALUES (%s, %s, %s)
ON CONFLICT (number) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad
WHERE ticket_key.inner_pad <> excluded.inner_pad;

-- name: settle
-- So that the planner knows it for the tiny table it is, and reads it without its index.
ANALYZE safehold.ticket_key;
