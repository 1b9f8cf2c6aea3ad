-- Roles, database and rights, made by an admin role before anything else exists; each part is safe to run again.
-- Names in braces are put in by provision.py, quoted. Passwords come as SCRAM verifiers: the server and its log never
-- see the password itself.

-- name: is_superuser
SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user;

-- name: make_role
-- The owner inherits, because it owns the schema public by way of pg_database_owner; the others inherit nothing.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {name}) THEN
        CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
END $$;
ALTER ROLE {role} LOGIN NOCREATEDB NOCREATEROLE {inherit} PASSWORD {password};

-- name: as_superuser
-- What only a superuser may set: takes back attributes that a role must never have, and keeps statements (they hold
-- values and the scope's ticket) out of pg_stat_activity and the server's log.
ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOREPLICATION;
ALTER ROLE {role} SET track_activities = off;
ALTER ROLE {role} SET log_statement = 'none';
ALTER ROLE {role} SET log_min_duration_statement = -1;
ALTER ROLE {role} SET log_min_error_statement = 'panic';
ALTER ROLE {role} SET log_error_verbosity = 'terse';
ALTER ROLE {role} SET log_parameter_max_length = 0;
ALTER ROLE {role} SET log_parameter_max_length_on_error = 0;
-- Probes try some 400 statements that must be refused every few minutes; in the server's log those lines would bury a
-- real error. So a probe may ask, for a savepoint that it undoes, that errors stay out of the log; every other statement
-- of every role is logged as before. The lesser evil: log_min_messages set for the whole role would hide a corrupt page
-- as well, and a function that runs a statement and catches its error would give whoever can slip in a SELECT a way to
-- run anything. What the right is worth to an intruder is a quieter log, which no promise rests on: the record of who
-- did what is the audit log.
GRANT SET ON PARAMETER log_min_messages TO {role};

-- name: bad_attributes
SELECT rolname FROM pg_catalog.pg_roles
WHERE rolname IN (
    'safehold_owner', 'safehold_app', 'safehold_sealer', 'safehold_backup', 'safehold_staff', 'safehold_queue'
)
    AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
ORDER BY 1;

-- name: owns_as_admin
SELECT pg_catalog.pg_has_role(current_user, 'safehold_owner', 'USAGE');

-- name: join_owner
GRANT safehold_owner TO CURRENT_USER;

-- name: leave_owner
REVOKE safehold_owner FROM CURRENT_USER;

-- name: database_owner
SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = {name};

-- name: make_database
CREATE DATABASE {database} OWNER safehold_owner ENCODING 'UTF8' TEMPLATE template0;

-- name: take_database
ALTER DATABASE {database} OWNER TO safehold_owner;

-- name: limits
-- How long a role may run one statement, wait for a lock, and hold a transaction open without doing anything; and what
-- every session starts from, so that RESET ALL after each transaction gives the same again.
ALTER ROLE {role} IN DATABASE {database} RESET ALL;
ALTER ROLE {role} IN DATABASE {database} SET statement_timeout = {statement};
ALTER ROLE {role} IN DATABASE {database} SET lock_timeout = {lock};
ALTER ROLE {role} IN DATABASE {database} SET idle_in_transaction_session_timeout = {idle};
ALTER ROLE {role} IN DATABASE {database} SET search_path = public, pg_temp;
ALTER ROLE {role} IN DATABASE {database} SET timezone = 'UTC';

-- name: rights
-- PUBLIC has no right in the database; the other roles may connect and look names up; what the owner makes is nobody
-- else's until it is granted.
SET ROLE safehold_owner;
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO safehold_app, safehold_sealer, safehold_backup, safehold_staff, safehold_queue;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO safehold_owner;
GRANT USAGE ON SCHEMA public TO safehold_app, safehold_sealer, safehold_backup, safehold_staff, safehold_queue;
ALTER DEFAULT PRIVILEGES FOR ROLE safehold_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
RESET ROLE;

-- name: closed_doors
-- Ways to keep or see something outside tables, which no policy covers, are closed to PUBLIC: large objects, other
-- sessions' statements, ending other sessions, anonymous code blocks. Only a superuser can, and in each database anew.
REVOKE EXECUTE ON FUNCTION
    pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea),
    pg_catalog.lo_open(oid, integer), pg_catalog.lo_put(oid, bigint, bytea), pg_catalog.lo_get(oid),
    pg_catalog.lo_get(oid, bigint, integer), pg_catalog.pg_stat_get_activity(integer),
    pg_catalog.pg_cancel_backend(integer), pg_catalog.pg_terminate_backend(integer, bigint)
FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO safehold_owner;
