-- The same rows the plain way.
copy bench_copied from stdin with (format csv, header true, null 'NULL')
