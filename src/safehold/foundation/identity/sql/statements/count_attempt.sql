-- One more try: begins a window where none is open, and says how many this one has now. A single statement, so that two
-- hundred parallel tries are counted as two hundred.
insert into identity_attempt as kept (key, window_ends_at, count)
values (%(key)s, %(now)s + %(seconds)s * interval '1 second', 1)
on conflict (key) do update set
    count = case when kept.window_ends_at <= %(now)s then 1 else kept.count + 1 end,
    window_ends_at = case
        when kept.window_ends_at <= %(now)s then excluded.window_ends_at else kept.window_ends_at
    end
returning count
