-- Checks now what was put off, and checks from here on as ever.
set constraints records_reference_target immediate
