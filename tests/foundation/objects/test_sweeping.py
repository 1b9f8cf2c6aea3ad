"""Uploads that are cut off anywhere, by an error, a rollback or kill -9, leave nothing that stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from factories import make_tenant, system
from safehold.foundation.objects import flows, jobs, selectors
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.installation import Installation

pytestmark = pytest.mark.usefixtures("installation")

UPLOADER = """
import os, sys, django
django.setup()
from uuid import UUID
from safehold.foundation.objects import flows
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.selectors import system_scope
scope, midway = system_scope(UUID(sys.argv[1]), "test"), sys.argv[2] == "midway"

def pieces(number):
    yield os.urandom(9 << 20) if midway else b"%d" % number * 50_000
    if midway:
        print("midway", flush=True)
        sys.stdin.read()

for number in range(100_000):
    with scoped(scope):
        made = flows.store(scope=scope, kind="test", upload_key=f"n{number}", pieces=pieces(number))
    print(made.id, number, flush=True)
"""


def uploader(tenant: UUID, installation: Installation, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", UPLOADER, str(tenant), how],
        env=os.environ | {"SAFEHOLD_HOME": str(installation.home), "SAFEHOLD_POOL": "off"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def files_of(tenant: UUID) -> list[str]:
    return sorted(file.name for file in current_store().files(str(tenant)))


def ids_of(scope: Scope) -> set[UUID]:
    with scoped(scope):
        return selectors.known(scope)


def sweep(scope: Scope) -> int:
    with scoped(scope):
        return flows.sweep(scope=scope)


def test_killed_midway_nothing_is_visible_and_what_is_left_is_swept(
    scope: Scope, installation: Installation, at_once: None
):
    with uploader(scope.tenant, installation, "midway") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "midway\n"
        left = files_of(scope.tenant)
        assert [name.partition("#")[1] for name in left] == ["#"]  # not whole, and under no object's name
        assert sweep(scope) == 0  # it is still being written
        process.send_signal(signal.SIGKILL)
    assert ids_of(scope) == set()
    assert files_of(scope.tenant) == left
    until_its_locks_are_gone(scope, left[0])
    assert sweep(scope) == 1
    assert files_of(scope.tenant) == []
    with scoped(scope):
        made = flows.store(scope=scope, kind="test", upload_key="n0", pieces=[b"the next try"])
        assert b"".join(selectors.read(scope, made.id).pieces) == b"the next try"


def until_its_locks_are_gone(scope: Scope, name: str) -> None:
    """The server notices the end of a killed process at its next word, or within a moment."""
    for _ in range(600):
        with scoped(scope):
            if flows._ask("try_hold", UUID(name.partition("#")[0])):
                return
        threading.Event().wait(0.05)
    pytest.fail("the killed upload still holds its lock")


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost(scope: Scope, installation: Installation):
    acknowledged: dict[UUID, int] = {}
    for _ in range(3):
        seen = len(acknowledged)
        with uploader(scope.tenant, installation, "whole") as process:
            assert process.stdout is not None
            for line in process.stdout:
                object_id, number = line.split()
                acknowledged[UUID(object_id)] = int(number)
                if len(acknowledged) == seen + 25:
                    process.send_signal(signal.SIGKILL)
    ids = ids_of(scope)
    assert set(acknowledged) <= ids
    for object_id in ids:
        with scoped(scope):
            content = b"".join(selectors.read(scope, object_id).pieces)
        if object_id in acknowledged:
            assert content == b"%d" % acknowledged[object_id] * 50_000


def test_a_transaction_that_is_undone_leaves_no_row_and_its_file_is_swept(scope: Scope, at_once: None):
    with scoped(scope):
        flows.store(scope=scope, kind="test", upload_key="undone", pieces=[b"x"])
        transaction.set_rollback(True)
    assert ids_of(scope) == set()
    assert len(files_of(scope.tenant)) == 1
    assert sweep(scope) == 1
    assert files_of(scope.tenant) == []
    assert sweep(scope) == 0
    with scoped(scope), connection.cursor() as cursor:
        cursor.execute("select body from audit_event where tenant_id = %s and type = 'object.swept'", [scope.tenant])
        assert [b'"count":1' in bytes(body) for (body,) in cursor.fetchall()] == [True]


def test_a_file_whose_transaction_is_still_open_is_left_alone(scope: Scope, at_once: None, elsewhere):
    stored, may_commit = threading.Event(), threading.Event()

    def upload() -> UUID:
        with scoped(scope):
            made = flows.store(scope=scope, kind="test", upload_key="slow", pieces=[b"in time"])
            stored.set()
            assert may_commit.wait(30)
        return made.id

    with elsewhere(upload) as outcome:
        assert stored.wait(30)
        assert len(files_of(scope.tenant)) == 1
        assert sweep(scope) == 0
        may_commit.set()
    assert sweep(scope) == 0
    with scoped(scope):
        assert b"".join(selectors.read(scope, outcome[0]).pieces) == b"in time"


def test_young_files_and_those_with_a_row_stay(scope: Scope):
    with scoped(scope):
        made = flows.store(scope=scope, kind="test", upload_key="kept", pieces=[b"x"])
    with scoped(scope):
        flows.store(scope=scope, kind="test", upload_key="undone", pieces=[b"x"])
        transaction.set_rollback(True)
    assert sweep(scope) == 0
    assert str(made.id) in files_of(scope.tenant)
    assert len(files_of(scope.tenant)) == 2


def test_the_job_sweeps_every_tenant_and_leaves_what_is_nobodys(
    scope: Scope, installation: Installation, at_once: None
):
    other = system(make_tenant())
    for one in (scope, other):
        with scoped(one):
            flows.store(scope=one, kind="test", upload_key="undone", pieces=[b"x"])
            transaction.set_rollback(True)
    strange = [installation.objects / "not-an-id", installation.objects / str(new_id())]
    for folder in strange:
        folder.mkdir()
        (folder / "file").write_bytes(b"x")
    try:
        jobs.sweep_objects(timestamp=0)
        assert files_of(scope.tenant) == files_of(other.tenant) == []
        assert all((folder / "file").exists() for folder in strange)
    finally:
        for folder in strange:
            (folder / "file").unlink()
            folder.rmdir()


def test_a_removal_whose_file_stays_behind_is_made_up_for(scope: Scope, at_once: None, monkeypatch: pytest.MonkeyPatch):
    with scoped(scope):
        made = flows.store(scope=scope, kind="test", upload_key="x", pieces=[b"x"])
    with monkeypatch.context() as patch:
        patch.setattr(type(current_store()), "remove", lambda *_: 1 / 0)
        with scoped(scope):
            flows.remove(scope=scope, object_id=made.id)
    assert files_of(scope.tenant) == [str(made.id)]
    assert sweep(scope) == 1
    assert files_of(scope.tenant) == []


MEASURE = """
import os, sys, threading, django, psutil
django.setup()
from uuid import UUID
from safehold.foundation.objects import flows, selectors
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.selectors import system_scope
scope = system_scope(UUID(sys.argv[1]), "test")
rss = psutil.Process().memory_info
over = threading.Event()
with scoped(scope):
    small = flows.store(scope=scope, kind="test", upload_key="small", pieces=[b"x"])
    list(selectors.read(scope, small.id).pieces)
before, piece, most = rss().rss, os.urandom(1 << 20), 0
def watch():
    global most
    while not over.wait(0.002):
        most = max(most, rss().rss)
watcher = threading.Thread(target=watch)
watcher.start()
with scoped(scope):
    made = flows.store(scope=scope, kind="test", upload_key="large", pieces=(piece for _ in range(200)))
with scoped(scope):
    assert all(len(part) <= 2 << 20 for part in selectors.read(scope, made.id).pieces)
    assert sum(map(len, selectors.read(scope, made.id, start=5).pieces)) == made.size - 5
over.set()
watcher.join()
print(made.size, (most - before) >> 10, made.id)
"""


def test_a_large_file_takes_little_memory(scope: Scope, installation: Installation):
    done = subprocess.run(
        [sys.executable, "-P", "-c", MEASURE, str(scope.tenant)],
        env=os.environ | {"SAFEHOLD_HOME": str(installation.home), "SAFEHOLD_POOL": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    size, kibibytes, object_id = done.stdout.split()
    assert int(size) == 200 << 20
    assert 0 < int(kibibytes) < 64 << 10
    with scoped(scope):
        flows.remove(scope=scope, object_id=UUID(object_id))
    assert not Path(installation.objects / path_of(scope.tenant, UUID(object_id))).exists()
