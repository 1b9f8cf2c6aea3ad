-- Removes the bench's plain table.
drop table {table}
