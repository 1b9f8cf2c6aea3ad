"""ACC-2 and ACC-3 hold, and their checks see it when they don't."""

from __future__ import annotations

import pytest

from factories import scope_of, system
from safehold.kernel.promise import ProbeContext, Result


@pytest.fixture
def probe(installation) -> ProbeContext:
    from safehold.assurance.runner import probe_context
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records.flows import plant_canaries

    context = probe_context()
    for tenant in (context.left, context.right):
        with scoped(system(tenant)) as scope:
            plant_canaries(scope=scope)
    return context


def masking(probe):
    from safehold.workspace.records.probes.masking import viewers_see_no_sealed_field

    return viewers_see_no_sealed_field(probe)


def departments(probe):
    from safehold.workspace.records.probes.departments import departments_are_apart

    return departments_are_apart(probe)


def test_both_are_kept(probe):
    import time

    t = time.time()
    found = masking(probe)
    print(found, time.time() - t)
    assert found.result is Result.KEPT, found
    t = time.time()
    found = departments(probe)
    print(found, time.time() - t)
    assert found.result is Result.KEPT, found
    assert 0
