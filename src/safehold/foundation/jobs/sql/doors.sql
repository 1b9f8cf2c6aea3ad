-- The three doors, as the app role asks at them.

-- name: queue
SELECT safehold.job_queue(%(task)s, %(tenant)s, %(ids)s);

-- name: end
SELECT safehold.job_end(%(account)s);

-- name: list
SELECT task, ids, asked_by, status FROM safehold.job_list();
