-- Usage: how often a kind of page or action was asked for in a workspace on one day, and nothing else. A row is added up
-- by whoever counted, a few seconds' worth at a time.
--
-- route is the method and the pattern of the address, as the code has it ("GET /t/<slug:slug>/records/"). The rule keeps
-- out what doesn't belong here whoever writes it: a query, an address of mail, an id.

CREATE TABLE usage_count (
    tenant_id uuid NOT NULL REFERENCES tenancy_tenant (id),
    day date NOT NULL,
    route text NOT NULL CHECK (
        route ~ '^(GET|POST|PUT|PATCH|DELETE) /[A-Za-z0-9<>:_./-]{0,190}$'
        AND route !~ '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}'
    ),
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (tenant_id, day, route)
);

SELECT safehold.protect_table('usage_count');
