-- Tenants, departments, members: keys, references and who sees which rows.
--
-- A tenant's row is seen in its own scope, by the platform (which registers tenants), and by accounts that are members,
-- so that somebody who signs in can choose. Departments and members are seen in their tenant's scope; outside of any
-- tenant an account also reads its own memberships and where they reach, and changes nothing.

ALTER TABLE tenancy_tenant
    ADD CONSTRAINT tenancy_tenant_slug CHECK (slug ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'),
    ADD CONSTRAINT tenancy_tenant_not_platform CHECK (id <> '00000000-0000-0000-0000-000000000000');

ALTER TABLE tenancy_department
    ADD CONSTRAINT tenancy_department_tenant FOREIGN KEY (tenant_id) REFERENCES tenancy_tenant (id),
    ADD CONSTRAINT tenancy_department_number UNIQUE (tenant_id, number),
    ADD CONSTRAINT tenancy_department_not_negative CHECK (number >= 0);
CREATE UNIQUE INDEX tenancy_department_name ON tenancy_department (tenant_id, lower(name));

ALTER TABLE tenancy_member
    ADD CONSTRAINT tenancy_member_tenant FOREIGN KEY (tenant_id) REFERENCES tenancy_tenant (id),
    ADD CONSTRAINT tenancy_member_status CHECK (status IN ('invited', 'active', 'left')),
    ADD CONSTRAINT tenancy_member_role CHECK (
        role IN ('owner', 'admin', 'manager', 'accountant', 'hr', 'viewer', 'employee')
    );
CREATE UNIQUE INDEX tenancy_member_email ON tenancy_member (tenant_id, lower(email)) WHERE status <> 'left';
CREATE UNIQUE INDEX tenancy_member_once ON tenancy_member (tenant_id, account_id) WHERE status <> 'left';
-- Led by the account, not the tenant: it serves the one question asked before a tenant is known.
CREATE INDEX tenancy_member_account ON tenancy_member (account_id) WHERE account_id IS NOT NULL;

SELECT safehold.force_policies('tenancy_department');
SELECT safehold.close_conflicts('tenancy_department');
CREATE POLICY tenant_rows ON tenancy_department TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()))
    WITH CHECK (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY where_member ON tenancy_department FOR SELECT TO safehold_app
    USING (EXISTS (
        SELECT FROM tenancy_member m
        WHERE m.tenant_id = tenancy_department.tenant_id
            AND m.account_id = (SELECT safehold.scope_account_outside())
    ));
SELECT safehold.grant_app('tenancy_department');

SELECT safehold.force_policies('tenancy_member');
SELECT safehold.close_conflicts('tenancy_member');
CREATE POLICY tenant_rows ON tenancy_member TO safehold_app
    USING (tenant_id = (SELECT safehold.scope_tenant_or_null()))
    WITH CHECK (tenant_id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY own_memberships ON tenancy_member FOR SELECT TO safehold_app
    USING (account_id = (SELECT safehold.scope_account_outside()));
SELECT safehold.grant_app('tenancy_member');

SELECT safehold.force_policies('tenancy_tenant');
SELECT safehold.close_conflicts('tenancy_tenant', 'id');
CREATE POLICY a_own_row ON tenancy_tenant TO safehold_app
    USING (id = (SELECT safehold.scope_tenant_or_null()))
    WITH CHECK (id = (SELECT safehold.scope_tenant_or_null()));
CREATE POLICY b_register ON tenancy_tenant TO safehold_app
    USING ((SELECT safehold.scope_kind()) = 'platform')
    WITH CHECK ((SELECT safehold.scope_kind()) = 'platform');
CREATE POLICY c_member_of ON tenancy_tenant FOR SELECT TO safehold_app
    USING (EXISTS (
        SELECT FROM tenancy_member m
        WHERE m.tenant_id = tenancy_tenant.id AND m.account_id = (SELECT safehold.scope_account_outside())
    ));
SELECT safehold.grant_app('tenancy_tenant', ARRAY['select', 'insert', 'update']);
