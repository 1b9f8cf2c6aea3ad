"""Each check about keys says kept on a sound installation, and broken once the promise is broken on purpose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from factories import make_tenant, system
from safehold.foundation.keys import bench, canaries, checks, ring, sealing
from safehold.foundation.keys.conf import TENANT_KEY_DAYS
from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.probes import clear
from safehold.foundation.keys.probes.ages import keys_are_young_and_apart
from safehold.foundation.keys.probes.clear import nothing_lies_in_clear
from safehold.foundation.keys.probes.shredding import a_destroyed_key_opens_nothing
from safehold.foundation.keys.promises import CHECKS, PROMISES
from safehold.foundation.keys.sealing import Place
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.ids import PLATFORM
from safehold.kernel.installation import Installation
from safehold.kernel.promise import ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def probe(installation: Installation) -> ProbeContext:
    left, right = make_tenant("Left").id, make_tenant("Right").id
    return ProbeContext(now=clock.now(), left=left, right=right)


@pytest.fixture
def planted(probe: ProbeContext) -> Iterator[str]:
    """A value sealed in the left canary, declared as planted."""
    label = canaries.declare(f"test/{probe.left}")
    with scoped(system(probe.left)):
        sealing.seal(Place(probe.left, "t", "c", 1), canaries.phrase(label).encode())
    yield label
    del canaries.PLANTED[label]


def test_every_promise_and_check_is_declared_once():
    assert [promise.id for promise in PROMISES] == [f"ENC-{number}" for number in range(3, 10)]
    assert {check.promise for check in CHECKS} == {"ENC-3", "ENC-8", "ENC-9", "ISO-6"}


def test_phrases_are_the_same_each_time_and_long_enough(probe: ProbeContext):
    one = canaries.phrase("a/label")
    ring.cache.clear()
    assert canaries.phrase("a/label") == one != canaries.phrase("another/label")
    assert len(one) == 32
    assert one[:16] == canaries.phrase("another/label")[:16]
    assert one.isalnum()


def test_a_value_of_ones_own_may_be_planted():
    canaries.declare("test/own", lambda: "a value of one's own")
    try:
        assert canaries.planted_values()["test/own"] == "a value of one's own"
    finally:
        del canaries.PLANTED["test/own"]


def test_nothing_planted_is_unproven(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(canaries, "PLANTED", {})
    assert nothing_lies_in_clear(probe).result is Result.UNPROVEN


def test_sealed_values_are_not_found(probe: ProbeContext, planted: str):
    finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.KEPT, finding
    assert finding.evidence["database_files"] == "read"
    assert finding.evidence["files"] > 100
    assert finding.evidence["tables"] > 5
    assert canaries.phrase(planted) not in repr(finding)


@pytest.mark.parametrize("spelling", ["{0}", "CAPITALS {0}", "{1}"], ids=["clear", "among others", "base64"])
def test_a_value_in_clear_in_a_table_is_found(
    probe: ProbeContext, planted: str, spelling: str, as_superuser: Callable[[str], None]
):
    import base64

    phrase = canaries.phrase(planted)
    leaked = spelling.format(phrase, base64.b64encode(f"x{phrase}".encode()).decode())
    as_superuser("CREATE TABLE leak (tenant_id uuid, note text); GRANT SELECT ON leak TO safehold_app")
    try:
        as_superuser(f"INSERT INTO leak VALUES (NULL, '{leaked}')")  # noqa: S608
        finding = nothing_lies_in_clear(probe)
    finally:
        as_superuser("DROP TABLE leak")
    assert finding.result is Result.BROKEN
    places = {found["place"] for found in finding.evidence["found"]}
    assert "rows of public.leak" in places
    assert any(place.startswith("data/") for place in places)
    assert phrase not in repr(finding)


def test_a_long_value_that_the_database_compresses_is_found_in_its_row(
    probe: ProbeContext, planted: str, as_superuser: Callable[[str], None]
):
    as_superuser("CREATE TABLE leak (note text); GRANT SELECT ON leak TO safehold_app")
    try:
        as_superuser(f"INSERT INTO leak VALUES (repeat('{canaries.phrase(planted)} ', 50000))")  # noqa: S608
        finding = nothing_lies_in_clear(probe)
    finally:
        as_superuser("DROP TABLE leak")
    assert "rows of public.leak" in {found["place"] for found in finding.evidence["found"]}


def test_a_value_in_clear_in_the_home_is_found(probe: ProbeContext, planted: str, installation: Installation):
    log = installation.logs / "leak.log"
    log.write_text(f"name={canaries.phrase(planted)}")
    try:
        finding = nothing_lies_in_clear(probe)
    finally:
        log.unlink()
    assert finding.result is Result.BROKEN
    assert [found["place"] for found in finding.evidence["found"]] == [f"{installation.home.name}/logs/leak.log"]


def test_a_scan_that_sees_nothing_is_broken(
    probe: ProbeContext, planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clear, "data_directory", lambda _: tmp_path)
    finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.KEPT  # the home holds the database here, so that it is still among the files
    with monkeypatch.context() as patch:
        patch.setattr(clear, "scan_files", lambda *_, **__: clear.Report())
        finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.BROKEN
    assert "blind" in finding.summary


def test_another_servers_files_are_out_of_reach_and_it_says_so(
    probe: ProbeContext, planted: str, installation: Installation
):
    outside = dataclasses.replace(installation, database_admin_url="postgresql://elsewhere/x")
    with override_settings(SAFEHOLD=outside):
        finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.KEPT
    assert finding.evidence["database_files"] == "on another server, out of reach"
    assert "the home's files" in finding.summary


def test_files_of_somebody_else_are_said_to_be_unread(
    probe: ProbeContext, planted: str, installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    data = clear.data_directory(installation)
    assert data is not None
    monkeypatch.setattr(clear, "scan_files", lambda *_, **__: clear.Report(unreadable=[str(data)]))
    finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.KEPT
    assert finding.evidence["database_files"] == "not readable by this process"


def test_young_keys_that_lie_apart_are_kept(probe: ProbeContext):
    sealing.seal(Place(PLATFORM, "t", "c", 1), b"")
    finding = keys_are_young_and_apart(probe)
    assert finding.result is Result.KEPT, finding
    assert finding.evidence["looked_at"] >= 3


def test_an_overdue_key_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    later = clock.now() + timedelta(days=TENANT_KEY_DAYS + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    finding = keys_are_young_and_apart(probe)
    assert finding.result is Result.BROKEN
    assert "overdue" in finding.summary


def test_keys_that_others_may_read_are_found(probe: ProbeContext, installation: Installation):
    ring_file = installation.keys / "test" / "ring.json"
    ring_file.chmod(0o644)
    try:
        finding = keys_are_young_and_apart(probe)
    finally:
        ring_file.chmod(0o600)
    assert finding.result is Result.BROKEN
    assert finding.evidence["misplaced"] == ["ring.json may be read by others"]


def test_a_root_key_among_the_databases_files_is_found(probe: ProbeContext, installation: Installation):
    data = clear.data_directory(installation)
    assert data is not None
    (data / "copy").write_bytes(b"x" + installation.secret("root.key"))
    try:
        finding = keys_are_young_and_apart(probe)
    finally:
        (data / "copy").unlink()
    assert finding.result is Result.BROKEN
    assert finding.evidence["misplaced"] == ["the root key was found among the database's files"]


def test_a_key_store_among_the_databases_files_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    from safehold.foundation.keys.probes import ages

    monkeypatch.setattr(ages, "data_directory", lambda installation: installation.home)
    finding = keys_are_young_and_apart(probe)
    assert finding.result is Result.BROKEN
    assert "keys lies among the code or the database's files" in finding.evidence["misplaced"]


def test_a_destroyed_scratch_key_stays_shut_and_leaves_nothing(probe: ProbeContext, installation: Installation):
    before = sorted((installation.keys / "test").iterdir())
    finding = a_destroyed_key_opens_nothing(probe)
    assert finding.result is Result.KEPT, finding
    assert finding.evidence["data_keys_kept_as_a_backup_would"] == 1
    assert sorted((installation.keys / "test").iterdir()) == before


def test_a_value_that_never_opens_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealing, "open_sealed", lambda *_: b"something else")
    finding = a_destroyed_key_opens_nothing(probe)
    assert finding.result is Result.BROKEN
    assert "while its key was there" in finding.summary


def test_a_key_store_that_destroys_nothing_is_found(
    probe: ProbeContext, installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    before = set((installation.keys / "test").iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(FileKeyStore, "destroy", lambda *_, **__: None)
        finding = a_destroyed_key_opens_nothing(probe)
    assert finding.result is Result.BROKEN
    for left_over in set((installation.keys / "test").iterdir()) - before:
        left_over.unlink()


def test_a_cache_that_forgets_nothing_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ring, "_unwrap", _remembering(ring._unwrap))
    assert a_destroyed_key_opens_nothing(probe).result is Result.BROKEN


def _remembering(unwrap):
    seen = {}

    def remember(tenant_id, stored):
        if stored.id not in seen:
            seen[stored.id] = unwrap(tenant_id, stored)
        return seen[stored.id]

    return remember


def test_start_up_refuses_another_environments_ring(installation: Installation):
    assert checks.key_ring_is_ours() == []
    with override_settings(SAFEHOLD=dataclasses.replace(installation, environment="staging")):
        (message,) = checks.key_ring_is_ours()
    assert message.id == "keys.E001"
    assert "not for staging" in message.msg


def test_the_bench_measures_against_a_baseline():
    (measure, *_) = rows = bench.BENCHES["keys"]()
    assert set(measure) == {"what", "ours", "baseline", "ratio", "unit"}
    assert all(row["ratio"] > 0 for row in rows)
