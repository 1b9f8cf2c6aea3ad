-- Runs of the promise checks and their results. They speak of the installation, not of a tenant, and hold no content, so
-- they stand outside row-level security; visitors read them on the trust page. The app may add to them and read them, and
-- nothing may change them afterwards: triggers refuse it even to the owner.
create table assurance_run (
    id uuid primary key,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    cause text not null check (cause in ('schedule', 'command', 'start'))
);

create table assurance_result (
    id uuid primary key,
    run_id uuid not null references assurance_run (id),
    promise text not null,
    result text not null check (result in ('kept', 'broken', 'unproven', 'not applicable')),
    summary text not null,
    evidence jsonb not null,
    digest bytea not null check (length(digest) = 32),
    seconds double precision not null,
    at timestamptz not null
);

create index assurance_result_latest on assurance_result (promise, at desc);
create index assurance_result_run on assurance_result (run_id);

create function safehold.refuse_change_of_results() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'results of checks are never changed' using errcode = 'insufficient_privilege';
end
$$;
revoke all on function safehold.refuse_change_of_results() from public;

create trigger assurance_run_is_final before update or delete on assurance_run
    for each row execute function safehold.refuse_change_of_results();
create trigger assurance_run_stays before truncate on assurance_run
    for each statement execute function safehold.refuse_change_of_results();
create trigger assurance_result_is_final before update or delete on assurance_result
    for each row execute function safehold.refuse_change_of_results();
create trigger assurance_result_stays before truncate on assurance_result
    for each statement execute function safehold.refuse_change_of_results();
alter table assurance_run enable always trigger assurance_run_is_final;
alter table assurance_run enable always trigger assurance_run_stays;
alter table assurance_result enable always trigger assurance_result_is_final;
alter table assurance_result enable always trigger assurance_result_stays;

grant select, insert on assurance_run, assurance_result to safehold_app;
