-- The file that holds the wrapped keys, below the data directory: the raw scan reads it first, to find its control.
SELECT pg_catalog.pg_relation_filepath('keys_data_key')
