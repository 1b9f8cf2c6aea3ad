-- Every row of one table that the scope opens, as text, for the raw scan. The name is put in as a quoted identifier.
COPY (SELECT * FROM {}) TO STDOUT
