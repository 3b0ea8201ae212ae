-- Two roles: the owner of the schema migrates, the services read and write its rows and nothing else.
-- For psql, as a superuser of the database of Ichor; may run again, also where one role did all
-- before. Its variables: owner, service, and where psql is to set passwords OWNER_PASSWORD and
-- SERVICE_PASSWORD in its environment.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv service_password SERVICE_PASSWORD
SET client_min_messages = warning;
-- Statements hold passwords: into no log.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY[:'owner', :'service']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
\if :{?owner_password}
ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :{?service_password}
ALTER ROLE :"service" PASSWORD :'service_password';
\endif

-- The owner: the schema workflow, with what is in it already.
SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), :'owner') \gexec
CREATE SCHEMA IF NOT EXISTS workflow;
ALTER SCHEMA workflow OWNER TO :"owner";
SELECT format('ALTER TABLE workflow.%I OWNER TO %I', tablename, :'owner')
FROM pg_tables WHERE schemaname = 'workflow' \gexec
SELECT format('ALTER FUNCTION %s OWNER TO %I', oid::regprocedure, :'owner')
FROM pg_proc WHERE pronamespace = 'workflow'::regnamespace \gexec

-- The services: rows of what is there, and of what the owner will make.
GRANT USAGE ON SCHEMA workflow TO :"service";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA workflow TO :"service";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA workflow TO :"service";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA workflow
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA workflow
    GRANT USAGE ON SEQUENCES TO :"service";

COMMIT;
