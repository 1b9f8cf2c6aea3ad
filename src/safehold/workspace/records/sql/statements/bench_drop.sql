-- Removes the bench's plain table.
drop table if exists bench_copied
