"""Who may do what: one declarative matrix that checks, pages, API, docs and tests all read."""
