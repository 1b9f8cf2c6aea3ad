"""ISO-6 for keys: another environment's name or root key opens nothing, and a ring that is another's is seen."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from safehold.foundation.keys.probes import environments
from safehold.foundation.scope.clock import new_id, now
from safehold.kernel.promise import ProbeContext, Result


@pytest.fixture
def check(installation):
    return lambda: environments.the_key_ring_is_this_environments(ProbeContext(now(), new_id(), new_id()))


@contextmanager
def relabelled(installation, **changes: str):
    """The ring's label, edited by hand for a while."""
    path = installation.keys / installation.environment / "ring.json"
    before = path.read_bytes()
    path.write_text(json.dumps(json.loads(before) | changes))
    try:
        yield
    finally:
        path.write_bytes(before)


def test_nothing_but_its_own_name_and_key_opens_the_ring(check):
    finding = check()
    assert finding.result is Result.KEPT, finding
    assert len(finding.evidence["refused"]) == 5


@pytest.mark.parametrize("changes", [{"environment": "production"}, {"salt": "00" * 16}, {"check": "00" * 32}])
def test_an_edited_label_is_seen(check, installation, changes):
    with relabelled(installation, **changes):
        assert check().result is Result.BROKEN
    assert check().result is Result.KEPT


def test_another_root_key_is_seen(check, installation, monkeypatch):
    monkeypatch.setenv("SAFEHOLD_ROOT_KEY", "ab" * 32)
    assert check().result is Result.BROKEN


def test_a_label_that_isnt_bound_is_seen(check, monkeypatch):
    """The sealing key would be the same for every environment, so one's files would open in another's ring."""
    from safehold.foundation.keys import keyring

    monkeypatch.setattr(keyring, "_check", lambda *_: bytes(32))
    assert check().result is Result.BROKEN


def test_a_ring_that_isnt_compared_is_seen(check, monkeypatch):
    monkeypatch.setattr(environments, "check_label", lambda folder, _: json.loads((folder / "ring.json").read_text()))
    finding = check()
    assert "another environment's name" in finding.evidence["opened"]
