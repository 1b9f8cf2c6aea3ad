-- Copies a record's present state into its history, blobs as they are.
insert into records_version (
    tenant_id, record_id, version, department, open, confidential, personal, sensitive,
    confidential_version, personal_version, sensitive_version, made_at, made_by, action, changed
)
select
    tenant_id, id, version, department, open, confidential, personal, sensitive,
    confidential_version, personal_version, sensitive_version, updated_at, updated_by, action, changed
from records_record
where tenant_id = %(tenant)s::uuid and id = %(record)s::uuid
