-- The records that hold some values of a unique field, by the values' tokens.
select u.token, u.record_id from records_unique u
where u.tenant_id = %(tenant)s::uuid and u.field_id = %(field)s::uuid
    and u.token = any (string_to_array(%(tokens)s, e'\x1f')::bigint[])
