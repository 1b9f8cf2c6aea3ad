-- What is written stays as it was written, whoever asks.
--
-- The statement triggers refuse UPDATE, DELETE and TRUNCATE even where no row would match (the owner sees no rows, so a
-- row trigger alone would let its DELETE pass in silence) and on TRUNCATE, where row triggers never fire. The row
-- triggers stand behind them for writes that reach rows by another way, such as rows moved between partitions. ENABLE
-- ALWAYS keeps both awake under session_replication_role = replica. What a superuser does after disabling them is found
-- by the chain, the tree and the checkpoints kept elsewhere.

CREATE FUNCTION safehold.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'this table is append-only: % on % is refused', tg_op, tg_table_name
        USING errcode = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION safehold.refuse_change() FROM public;

-- Makes one table append-only: both triggers, awake always, and no right to change a row for anybody, the owner included.
CREATE FUNCTION safehold.make_append_only(name regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER refuse_change_of_row BEFORE UPDATE OR DELETE ON %s
        FOR EACH ROW EXECUTE FUNCTION safehold.refuse_change()', name);
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION safehold.refuse_change()', name);
    EXECUTE format('alter table %s enable always trigger refuse_change_of_row', name);
    EXECUTE format('alter table %s enable always trigger refuse_change', name);
    EXECUTE format('revoke update, delete, truncate on %s from public, current_user', name);
END
$$;
REVOKE ALL ON FUNCTION safehold.make_append_only(regclass) FROM public;
