"""The installation's own PostgreSQL server: which programs, where its data lies, how it starts, stops and recovers."""
