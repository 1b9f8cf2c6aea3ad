-- The same rows the plain way.
copy {table} from stdin with (format csv, header true, null 'NULL')
