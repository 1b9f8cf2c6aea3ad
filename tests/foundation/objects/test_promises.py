"""Each check about files says kept on a sound installation, and broken once the promise is broken on purpose."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
from django.test import override_settings

from factories import make_tenant, system
from safehold.foundation.audit.probes.writing import every_write_leaves_its_entry
from safehold.foundation.keys import canaries, ring
from safehold.foundation.keys.probes.clear import nothing_lies_in_clear
from safehold.foundation.objects import bench, canary, flows, marker, selectors
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.models import StoredObject
from safehold.foundation.objects.probes import isolation, register
from safehold.foundation.objects.probes.environments import the_store_is_this_environments
from safehold.foundation.objects.probes.isolation import files_are_isolated
from safehold.foundation.objects.probes.register import files_lie_under_their_tenants_prefix
from safehold.foundation.objects.probes.tampering import altered_files_are_refused
from safehold.foundation.objects.promises import CHECKS
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel import sealedobject
from safehold.kernel.errors import NotFound
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def bare(installation: Installation) -> ProbeContext:
    """Two tenants with nothing planted."""
    return ProbeContext(now=clock.now(), left=make_tenant("Left").id, right=make_tenant("Right").id)


def plant(probe: ProbeContext) -> ProbeContext:
    for tenant_id in (probe.left, probe.right):
        with scoped(system(tenant_id)) as scope:
            flows.plant_canaries(scope=scope)
    return probe


@pytest.fixture
def probe(bare: ProbeContext) -> ProbeContext:
    return plant(bare)


def planted_id(tenant_id: UUID) -> UUID:
    with scoped(system(tenant_id)) as scope:
        view = selectors.find_upload(scope, canary.KIND, canary.UPLOAD_KEY)
    assert view is not None
    return view.id


def planted_file(installation: Installation, tenant_id: UUID) -> Path:
    return installation.objects / path_of(tenant_id, planted_id(tenant_id))


def forget(probe: ProbeContext) -> None:
    """Remove what a broken way of storing has left, so that no other test meets it."""
    for tenant_id in (probe.left, probe.right):
        with scoped(system(tenant_id)) as scope:
            flows.remove(scope=scope, object_id=planted_id(tenant_id))


def broken_through(finding: Finding, *what: str) -> None:
    assert finding.result is Result.BROKEN, finding
    assert set(what) <= set(finding.evidence["through"]), finding


def test_checks_are_declared():
    assert sorted({check.promise for check in CHECKS}) == ["ENC-4", "ISO-6", "ISO-7"]


def test_a_sound_installation_keeps_them_all(probe: ProbeContext):
    for check in CHECKS:
        finding = check.run(probe)
        assert finding.result is Result.KEPT, finding
        assert canaries.phrase(canary.LABEL) not in repr(finding)


def test_probing_leaves_nothing_behind(probe: ProbeContext):
    before = {
        tenant: [file.name for file in current_store().files(str(tenant))] for tenant in (probe.left, probe.right)
    }
    for check in CHECKS:
        check.run(probe)
    assert before == {tenant: [file.name for file in current_store().files(str(tenant))] for tenant in before}


def test_writes_leave_their_entries_and_their_probe_no_file():
    left, right = tenancy.canaries()
    before = len(list(current_store().files(str(left))))
    finding = every_write_leaves_its_entry(ProbeContext(now=clock.now(), left=left, right=right))
    assert finding.result is Result.KEPT, finding
    assert "stored files" in finding.evidence["tried"]
    assert len(list(current_store().files(str(left)))) == before


def test_canaries_are_planted_once(probe: ProbeContext):
    before = planted_id(probe.left)
    plant(probe)
    assert planted_id(probe.left) == before
    assert len(canary.planted()) > 2 * sealedobject.CHUNK


def test_nothing_planted_is_unproven(bare: ProbeContext):
    assert files_are_isolated(bare).result is Result.UNPROVEN
    assert altered_files_are_refused(bare).result is Result.UNPROVEN


def test_a_canary_that_cannot_read_its_own_file_is_told(probe: ProbeContext, installation: Installation):
    planted_file(installation, probe.left).write_bytes(b"something else")
    finding = files_are_isolated(probe)
    assert finding.result is Result.BROKEN
    assert "its own file" in finding.summary


class _Plain:
    """Opens what was never sealed."""

    def __init__(self, key: bytes, context: bytes, header: bytes, sealed: int) -> None:
        self.size = sealed

    def window(self, start: int, stop: int) -> tuple[int, int]:
        return start, stop

    def open(self, start: int, stop: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        return iter(pieces)


def test_files_kept_in_clear_are_found(bare: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealedobject, "seal", lambda _key, _context, pieces: iter(pieces))
    monkeypatch.setattr(sealedobject, "open_whole", lambda _key, _context, pieces: iter(pieces))
    monkeypatch.setattr(sealedobject, "PartReader", _Plain)
    monkeypatch.setattr(sealedobject, "sealed_size", lambda size: size)
    monkeypatch.setattr(sealedobject, "plain_size", lambda size: size)
    try:
        plant(bare)
        broken_through(
            files_are_isolated(bare),
            "read a stored file's text without any key",
            "open another tenant's file with the key of one's own",
            "read another tenant's bytes in the place of a file of one's own",
        )
        assert altered_files_are_refused(bare).result is Result.BROKEN
        clear = nothing_lies_in_clear(bare)
        assert clear.result is Result.BROKEN
        assert any("/objects/" in found["place"] for found in clear.evidence["found"]), clear
    finally:
        forget(bare)


def test_one_key_for_all_tenants_is_found(bare: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(flows, "os", SimpleNamespace(urandom=bytes))
    plant(bare)
    broken_through(files_are_isolated(bare), "open another tenant's file with the key of one's own")
    finding = altered_files_are_refused(bare)
    assert finding.result is Result.BROKEN
    assert finding.evidence["one_key"] is True


def test_files_not_bound_to_their_tenant_are_found(bare: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(flows, "os", SimpleNamespace(urandom=bytes))
    monkeypatch.setattr(selectors, "context_for", lambda *_: b"the same for everything")
    plant(bare)
    broken_through(files_are_isolated(bare), "read another tenant's bytes in the place of a file of one's own")


def test_keys_that_serve_every_scope_are_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ring, "_require_scope", lambda _: None)
    broken_through(files_are_isolated(probe), "open the key of another tenant's file, in its place")


def test_a_selector_that_asks_for_the_id_alone_is_found(
    probe: ProbeContext, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    def by_id_alone(_scope, object_id):
        row = StoredObject.objects.filter(id=object_id).first()
        if row is None:
            raise NotFound("There is no such file.")
        return row

    monkeypatch.setattr(selectors, "_row", by_id_alone)
    assert files_are_isolated(probe).result is Result.KEPT  # the database's policy stands behind it
    superuser.execute("alter table objects_object disable row level security")
    try:
        broken_through(files_are_isolated(probe), "find another tenant's file by its id")
    finally:
        superuser.execute("alter table objects_object enable row level security")


def test_an_answer_that_tells_absent_from_anothers_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    theirs = {planted_id(probe.left), planted_id(probe.right)}
    sound = selectors._row

    def telling(scope, object_id):
        try:
            return sound(scope, object_id)
        except NotFound:
            raise NotFound("That isn't yours." if object_id in theirs else "There is no such file.") from None

    monkeypatch.setattr(selectors, "_row", telling)
    broken_through(files_are_isolated(probe), "read another tenant's file by its id")


def test_a_row_that_stands_for_a_file_under_anothers_prefix_is_found(
    probe: ProbeContext, superuser: psycopg.Connection
):
    with scoped(system(probe.left)) as scope:
        made = flows.store(scope=scope, kind="test", upload_key="moved", pieces=[b"x"])
    superuser.execute("update objects_object set tenant_id = %s where id = %s", [probe.right, made.id])
    try:
        finding = files_lie_under_their_tenants_prefix(probe)
    finally:
        superuser.execute("update objects_object set tenant_id = %s where id = %s", [probe.left, made.id])
    assert finding.result is Result.BROKEN
    assert f"{probe.right}/{made.id}: its row is there, the file isn't" in finding.evidence["faults"]
    assert f"{probe.left}/{made.id}: the row is tenant {probe.right}'s" in finding.evidence["faults"]
    assert files_lie_under_their_tenants_prefix(probe).result is Result.KEPT


def test_one_prefix_for_all_is_found(bare: ProbeContext, monkeypatch: pytest.MonkeyPatch, installation: Installation):
    for module in (flows, selectors, register, isolation):
        monkeypatch.setattr(module, "path_of", lambda _tenant, object_id: f"shared/{object_id}")
    try:
        plant(bare)
        finding = files_lie_under_their_tenants_prefix(bare)
        forget(bare)
    finally:
        shutil.rmtree(installation.objects / "shared")
    assert finding.result is Result.BROKEN
    assert "shared: no tenant has this id" in finding.evidence["faults"]


def test_a_copy_under_anothers_prefix_and_strange_names_are_found(probe: ProbeContext, installation: Installation):
    copied = installation.objects / path_of(probe.right, planted_id(probe.left))
    strange = installation.objects / str(probe.left) / "contract.pdf"
    shutil.copyfile(planted_file(installation, probe.left), copied)
    strange.write_bytes(b"x")
    try:
        finding = files_lie_under_their_tenants_prefix(probe)
    finally:
        copied.unlink()
        strange.unlink()
    assert finding.result is Result.BROKEN
    assert sorted(finding.evidence["faults"]) == sorted(
        [
            f"{probe.left}/contract.pdf: no object's name",
            f"{probe.right}/{copied.name}: the row is tenant {probe.left}'s",
        ]
    )


def test_uploads_under_way_are_no_fault(probe: ProbeContext):
    with scoped(system(probe.left)) as scope:
        made = flows.store(scope=scope, kind="test", upload_key="open", pieces=[b"x"])
        finding = files_lie_under_their_tenants_prefix(probe)
        flows.remove(scope=scope, object_id=made.id)
    assert finding.result is Result.KEPT, finding


def test_tenants_left_for_time_are_said(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(register, "_SECONDS", -1)
    finding = files_lie_under_their_tenants_prefix(probe)
    assert finding.evidence["tenants_left_out"] >= 2
    assert "left for time" in finding.summary


def test_opening_that_lets_altered_files_through_is_found(probe: ProbeContext, monkeypatch: pytest.MonkeyPatch):
    sound = sealedobject.open_whole

    def until_it_fails(key, context, pieces):
        try:
            yield from sound(key, context, pieces)
        except sealedobject.Tampered:
            return

    monkeypatch.setattr(sealedobject, "open_whole", until_it_fails)
    finding = altered_files_are_refused(probe)
    assert finding.result is Result.BROKEN
    assert "the last chunk cut off" in finding.evidence["opened"]


@pytest.mark.parametrize("said", [b'{"format": "safehold-objects/1", "environment": "production"}', None])
def test_another_environments_store_is_found(probe: ProbeContext, installation: Installation, said: bytes | None):
    place = installation.objects / marker.MARKER
    before = place.read_bytes()
    place.unlink()
    if said:
        place.write_bytes(said)
    try:
        finding = the_store_is_this_environments(probe)
    finally:
        place.write_bytes(before)
    assert finding.result is Result.BROKEN, finding


def test_the_raw_scan_looks_at_a_folder_of_files_elsewhere_too(
    probe: ProbeContext, installation: Installation, tmp_path: Path
):
    elsewhere = dataclasses.replace(installation, objects_folder=tmp_path)
    with override_settings(SAFEHOLD=elsewhere):
        assert nothing_lies_in_clear(probe).result is Result.KEPT
        (tmp_path / "leak").write_text(f"x {canaries.phrase(canary.LABEL)} y")
        finding = nothing_lies_in_clear(probe)
    assert finding.result is Result.BROKEN
    assert [found["place"] for found in finding.evidence["found"]] == [f"{tmp_path.name}/leak"]


def test_the_bench_measures_against_a_baseline():
    rows = bench.BENCHES["objects"]()
    assert all(set(row) == {"what", "ours", "baseline", "ratio", "unit"} for row in rows)
    assert all(row["ratio"] > 0 for row in rows)
