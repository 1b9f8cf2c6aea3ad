-- Who may read and add what. The app reads one log, the one its scope names, and adds events to the one it may write.
-- Of the log of logs every scope reads the hashes, and the events that speak of its own log, so that an export can prove
-- the head it ends with. Heads and checkpoints of every log (sizes and hashes, no content) are open to the platform's
-- scope, so that a log that vanished is missed. The sealer reads all and adds leaves, nodes, checkpoints, and its own
-- events to the log of logs. The events' own rights are in 005_events.sql.

SELECT safehold.force_policies('audit_leaf');
SELECT safehold.force_policies('audit_node');
SELECT safehold.force_policies('audit_log');
SELECT safehold.force_policies('audit_checkpoint');

CREATE POLICY own_log ON audit_leaf FOR SELECT TO safehold_app
    USING (tenant_id IN ((SELECT safehold.scope_log()), '00000000-0000-0000-0000-000000000001'));
CREATE POLICY own_log ON audit_node FOR SELECT TO safehold_app
    USING (tenant_id IN ((SELECT safehold.scope_log()), '00000000-0000-0000-0000-000000000001'));
CREATE POLICY own_log ON audit_log FOR SELECT TO safehold_app
    USING (
        tenant_id IN ((SELECT safehold.scope_log()), '00000000-0000-0000-0000-000000000001')
        OR (SELECT safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
    );
CREATE POLICY own_log ON audit_checkpoint FOR SELECT TO safehold_app
    USING (
        tenant_id IN ((SELECT safehold.scope_log()), '00000000-0000-0000-0000-000000000001')
        OR (SELECT safehold.scope_log()) = '00000000-0000-0000-0000-000000000000'
    );

CREATE POLICY sealer_seals ON audit_leaf TO safehold_sealer USING (true) WITH CHECK (true);
CREATE POLICY sealer_seals ON audit_node TO safehold_sealer USING (true) WITH CHECK (true);
CREATE POLICY sealer_seals ON audit_log TO safehold_sealer USING (true) WITH CHECK (true);
CREATE POLICY sealer_seals ON audit_checkpoint TO safehold_sealer USING (true) WITH CHECK (true);

REVOKE ALL ON audit_leaf, audit_node, audit_log, audit_checkpoint, audit_key, audit_sealer_state FROM public;

GRANT SELECT ON audit_leaf, audit_node, audit_log, audit_checkpoint, audit_key, audit_sealer_state
    TO safehold_app, safehold_sealer;
GRANT INSERT ON audit_leaf, audit_node, audit_checkpoint, audit_key TO safehold_sealer;
GRANT INSERT, UPDATE ON audit_log TO safehold_sealer;
GRANT UPDATE ON audit_sealer_state TO safehold_sealer;

SELECT safehold.make_append_only('audit_leaf');
SELECT safehold.make_append_only('audit_node');
SELECT safehold.make_append_only('audit_checkpoint');
SELECT safehold.make_append_only('audit_key');
