-- The plain table that the bench copies into: the columns of its made-up file, typed, with a primary key.
create table bench_copied (
    "customerID" text primary key, name text, contact text, email text, phone text, address text, city text,
    country text, since date, visited date, orders numeric, balance numeric, remark text
)
