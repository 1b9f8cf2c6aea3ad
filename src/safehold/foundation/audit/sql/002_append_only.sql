-- What is written stays as it was written, whoever asks.
--
-- The statement triggers refuse UPDATE, DELETE and TRUNCATE even where no row would match (the owner sees no rows, so a
-- row trigger alone would let its DELETE pass in silence) and on TRUNCATE, where row triggers never fire. The row
-- triggers stand behind them for writes that reach rows by another way, such as rows moved between partitions. ENABLE
-- ALWAYS keeps both awake under session_replication_role = replica. What a superuser does after disabling them is found
-- by the chain, the tree and the checkpoints kept elsewhere.

create function safehold.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
begin
    raise exception 'this table is append-only: % on % is refused', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end
$$;
revoke all on function safehold.refuse_change() from public;

-- Makes one table append-only: both triggers, awake always, and no right to change a row for anybody, the owner included.
create function safehold.make_append_only(name regclass) returns void
language plpgsql
set search_path = pg_catalog
as $$
begin
    execute format('create trigger refuse_change_of_row before update or delete on %s
        for each row execute function safehold.refuse_change()', name);
    execute format('create trigger refuse_change before update or delete or truncate on %s
        for each statement execute function safehold.refuse_change()', name);
    execute format('alter table %s enable always trigger refuse_change_of_row', name);
    execute format('alter table %s enable always trigger refuse_change', name);
    execute format('revoke update, delete, truncate on %s from public, current_user', name);
end
$$;
revoke all on function safehold.make_append_only(regclass) from public;

select safehold.make_append_only('public.audit_event');
select safehold.make_append_only('public.audit_leaf');
select safehold.make_append_only('public.audit_node');
select safehold.make_append_only('public.audit_checkpoint');
select safehold.make_append_only('public.audit_key');
