-- Rows of one file may point to rows further down: what they point to is checked when all of them are there.
set constraints records_reference_target deferred
