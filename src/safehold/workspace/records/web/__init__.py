"""Pages of collections and records: lists, single records, the design of collections, imports."""
