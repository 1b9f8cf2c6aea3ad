"""The bench measures in scratch tables and leaves nothing behind."""

from __future__ import annotations

import pytest

from safehold.foundation.audit import bench


@pytest.mark.slow
def test_a_small_bench_runs_and_leaves_nothing(installation, superuser, monkeypatch):
    for name, value in {"_ROUNDS": 1, "_SECONDS": 0.2, "_TURNS": 1, "_EVENTS": 400, "_MANY": 4}.items():
        monkeypatch.setattr(bench, name, value)
    count = "select count(*) from public.audit_event where actor = 'system:bench'"
    before = superuser.execute(count).fetchone()
    measures = bench.run()
    assert superuser.execute(count).fetchone() == before
    assert superuser.execute("select to_regnamespace('audit_bench')").fetchone() == (None,)
    assert {"what", "ours", "baseline", "ratio", "unit"} == set(measures[0])
    assert len(measures) == 6
    assert all(measure["ours"] > 0 for measure in measures)
