-- Who may read and add what. The app reads one log, the one its scope names, and adds events to the one it may write.
-- Of the log of logs every scope reads the hashes, and the events that speak of its own log, so that an export can prove
-- the head it ends with. Heads and checkpoints of every log (sizes and hashes, no content) are open to the platform's
-- scope, so that a log that vanished is missed. The sealer reads all and adds leaves, nodes, checkpoints, and its own
-- events to the log of logs. Column grants keep xid out of every writer's reach.
--
-- An event's time must be the present, within the bounds that verifiers hold exports to (specs/audit-log.md, section 10):
-- what is back-dated never gets in.

alter table audit_event enable row level security;
alter table audit_event force row level security;
alter table audit_leaf enable row level security;
alter table audit_leaf force row level security;
alter table audit_node enable row level security;
alter table audit_node force row level security;
alter table audit_log enable row level security;
alter table audit_log force row level security;
alter table audit_checkpoint enable row level security;
alter table audit_checkpoint force row level security;

create policy own_log on audit_event for select to safehold_app
    using (tenant_id = (select safehold.scope_log()));
create policy own_heads on audit_event for select to safehold_app
    using (
        tenant_id = '00000000-0000-0000-0000-000000000001'
        and (
            right(target, 36) = (select safehold.scope_log())::text
            or (select safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
        )
    );
create policy own_log_adds on audit_event for insert to safehold_app
    with check (tenant_id = (select safehold.scope_log_write()));
create policy present_time on audit_event as restrictive for insert to safehold_app, safehold_sealer
    with check (at between clock_timestamp() - interval '1 hour' and clock_timestamp() + interval '5 minutes');

create policy own_log on audit_leaf for select to safehold_app
    using (tenant_id in ((select safehold.scope_log()), '00000000-0000-0000-0000-000000000001'));
create policy own_log on audit_node for select to safehold_app
    using (tenant_id in ((select safehold.scope_log()), '00000000-0000-0000-0000-000000000001'));
create policy own_log on audit_log for select to safehold_app
    using (
        tenant_id in ((select safehold.scope_log()), '00000000-0000-0000-0000-000000000001')
        or (select safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
    );
create policy own_log on audit_checkpoint for select to safehold_app
    using (
        tenant_id in ((select safehold.scope_log()), '00000000-0000-0000-0000-000000000001')
        or (select safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
    );

create policy sealer_reads on audit_event for select to safehold_sealer using (true);
create policy sealer_adds on audit_event for insert to safehold_sealer
    with check (tenant_id = '00000000-0000-0000-0000-000000000001' and type = 'log.sealed');
create policy sealer_seals on audit_leaf to safehold_sealer using (true) with check (true);
create policy sealer_seals on audit_node to safehold_sealer using (true) with check (true);
create policy sealer_seals on audit_log to safehold_sealer using (true) with check (true);
create policy sealer_seals on audit_checkpoint to safehold_sealer using (true) with check (true);

revoke all on audit_event, audit_leaf, audit_node, audit_log, audit_checkpoint, audit_key, audit_sealer_state from public;

grant select on audit_event, audit_leaf, audit_node, audit_log, audit_checkpoint, audit_key, audit_sealer_state
    to safehold_app, safehold_sealer;
grant insert (tenant_id, id, at, type, actor, target, body, personal) on audit_event
    to safehold_app, safehold_sealer;
grant insert on audit_leaf, audit_node, audit_checkpoint, audit_key to safehold_sealer;
grant insert, update on audit_log to safehold_sealer;
grant update on audit_sealer_state to safehold_sealer;
