-- Which environment this database belongs to: production, staging, test. The owner role writes it once, when the
-- database is first prepared; whoever serves reads it before it starts, and can't change it.

CREATE TABLE safehold.environment (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,30}$')
);
COMMENT ON TABLE safehold.environment IS 'The environment that this database belongs to: one row.';
GRANT SELECT ON safehold.environment TO safehold_app, safehold_sealer, safehold_backup;
