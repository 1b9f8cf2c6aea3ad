"""AUD-2 also goes by what others hold: broken on purpose, it is seen."""

from __future__ import annotations

import pytest

from safehold.foundation.anchors import flows
from safehold.foundation.anchors.promises import nobody_contradicts
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Result
from support.witnesses import Witness


@pytest.fixture
def probe(installation):
    from safehold.assurance.runner import probe_context

    return probe_context()


def test_a_witness_that_contradicts_breaks_the_promise(probe, platform, tenant, receiver, sealer, grow):  # noqa: PLR0917
    from safehold.foundation.audit.signing import published_keys

    assert "Nobody outside" in nobody_contradicts(probe).summary
    made = Witness()
    (key,) = published_keys(sealer.place)
    made.trust(f"{key.name}/logs", key.public)
    receiver.reply = lambda heard: made.answer(heard.body)
    grow(tenant)
    with scoped(platform):
        place = flows.add_witness(scope=platform, url=receiver.url, key=made.text).id
    assert flows.give(scope=platform, place_id=place)
    found = nobody_contradicts(probe)
    assert found.result is Result.KEPT
    assert "a witness" in found.summary
    (origin,) = made.logs
    made.heads[origin] = 10**9, b"x" * 32
    grow(tenant)
    assert not flows.give(scope=platform, place_id=place)
    found = nobody_contradicts(probe)
    assert found.result is Result.BROKEN
    assert "cut or rolled back" in found.summary
