"""Storing, reading and removing files: every length, every part, and nobody else's."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from django.db import connection, transaction

from factories import make_tenant, system
from safehold.foundation.objects import flows, selectors
from safehold.foundation.objects.errors import FileLost, StoreFull
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied, Invalid, NotFound, Tampered
from safehold.kernel.installation import Installation
from safehold.kernel.sealedobject import CHUNK, sealed_size

pytestmark = pytest.mark.usefixtures("installation")


def keep(scope: Scope, content: bytes = b"what is in it", *, kind: str = "test", upload_key: str = "") -> UUID:
    with scoped(scope):
        made = flows.store(scope=scope, kind=kind, upload_key=upload_key or new_id().hex, pieces=[content])
    return made.id


def content_of(scope: Scope, object_id: UUID) -> bytes:
    with scoped(scope):
        found = selectors.read(scope, object_id)
    return b"".join(found.pieces)  # no transaction is open any more


def files_of(tenant: UUID) -> list[str]:
    return sorted(file.name for file in current_store().files(str(tenant)))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 1_500_000])
def test_what_is_stored_is_read_whatever_its_length(scope: Scope, size: int):
    content = os.urandom(size)
    object_id = keep(scope, content)
    assert content_of(scope, object_id) == content
    with scoped(scope):
        assert selectors.find(scope, object_id).size == size
    assert current_store().size(path_of(scope.tenant, object_id)) == sealed_size(size)


def test_any_part_can_be_read(scope: Scope):
    content = os.urandom(3 * CHUNK + 10)
    object_id = keep(scope, content)
    with scoped(scope):
        for start, stop in [(0, 0), (0, 1), (5, CHUNK), (CHUNK, CHUNK + 1), (100, None), (3 * CHUNK, None)]:
            part = selectors.read(scope, object_id, start=start, stop=stop)
            assert b"".join(part.pieces) == content[start:stop]
            assert part.view.size == len(content)
        for start, stop in [(-1, 2), (3, 2), (0, len(content) + 1)]:
            with pytest.raises(Invalid) as refused:
                selectors.read(scope, object_id, start=start, stop=stop)
            assert f"{start} to {stop}" in str(refused.value.problems[0])


def test_another_try_gives_the_same_file_and_takes_nothing(scope: Scope):
    def never() -> Iterator[bytes]:
        pytest.fail("the second upload was read")
        yield b""

    object_id = keep(scope, b"once", upload_key="upload-1")
    with scoped(scope):
        again = flows.store(scope=scope, kind="test", upload_key="upload-1", pieces=never())
    assert again.id == object_id
    assert keep(scope, b"of another kind", kind="other", upload_key="upload-1") != object_id
    assert keep(system(make_tenant()), b"another tenant's", upload_key="upload-1") != object_id
    assert len(files_of(scope.tenant)) == 2


@pytest.mark.parametrize("upload_key", ["", "a b", "../x", "a/b", "x" * 101, "ä"])
def test_an_uploads_key_is_plain(scope: Scope, upload_key: str):
    with scoped(scope), pytest.raises(ValueError, match="an upload's key"):
        flows.store(scope=scope, kind="test", upload_key=upload_key, pieces=[])


def test_a_removed_file_is_gone_with_its_bytes(scope: Scope):
    object_id = keep(scope)
    with scoped(scope):
        flows.remove(scope=scope, object_id=object_id)
        assert files_of(scope.tenant) == [str(object_id)]  # until this is committed
    assert files_of(scope.tenant) == []
    with scoped(scope), pytest.raises(NotFound):
        selectors.find(scope, object_id)
    with scoped(scope), pytest.raises(NotFound):
        flows.remove(scope=scope, object_id=object_id)


def test_a_removal_that_is_undone_removes_nothing(scope: Scope):
    object_id = keep(scope, b"still there")
    with scoped(scope):
        flows.remove(scope=scope, object_id=object_id)
        transaction.set_rollback(True)
    assert content_of(scope, object_id) == b"still there"


def test_each_write_leaves_its_event_and_no_content(scope: Scope):
    object_id = keep(scope, b"secret content")
    with scoped(scope):
        flows.remove(scope=scope, object_id=object_id)
    with scoped(scope), connection.cursor() as cursor:
        cursor.execute("select body from audit_event where tenant_id = %s", [scope.tenant])
        events = [bytes(row[0]) for row in cursor.fetchall() if b"object." in bytes(row[0])]
    assert len(events) == 2
    assert all(str(object_id).encode() in event for event in events)
    assert not any(b"secret" in event for event in events)


def test_nothing_typed_and_nothing_in_clear_reaches_the_store(scope: Scope, installation: Installation):
    object_id = keep(scope, b"Nancy Davolio" * 5000, kind="contract", upload_key="davolio-contract.pdf")
    files = [path for path in installation.objects.rglob("*") if path.is_file() and str(scope.tenant) in str(path)]
    assert [path.relative_to(installation.objects).as_posix() for path in files] == [f"{scope.tenant}/{object_id}"]
    assert b"Davolio" not in files[0].read_bytes()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(installation.objects.stat().st_mode) == 0o700


def test_the_row_tells_nothing_of_the_content(scope: Scope):
    first, second = keep(scope, b"the same bytes"), keep(scope, b"the same bytes")
    with scoped(scope):
        one, other = selectors.find(scope, first), selectors.find(scope, second)
        assert one.sha256 != other.sha256
        assert selectors.key_of(scope, first) != selectors.key_of(scope, second)
        assert selectors.key_of(scope, first) not in selectors.sealed_key_of(scope, first)


def test_another_tenants_file_answers_like_one_that_is_not_there(scope: Scope):
    object_id, stranger = keep(scope), system(make_tenant())
    with scoped(stranger):
        for way in (selectors.find, selectors.read, selectors.key_of):
            said = []
            for asked in (object_id, new_id()):
                with pytest.raises(NotFound) as refused:
                    way(stranger, asked)
                said.append((refused.value.message, refused.value.hint))
            assert said[0] == said[1]
    assert content_of(scope, object_id)


def test_a_scope_without_a_tenant_stores_and_reads_nothing(scope: Scope):
    platform = Scope(Kind.PLATFORM, actor="system:test")
    with scoped(platform), pytest.raises(Denied):
        flows.store(scope=platform, kind="test", upload_key="x", pieces=[])
    with scoped(platform), pytest.raises(Denied):
        selectors.find(platform, new_id())


def test_an_upload_that_fails_midway_leaves_nothing(scope: Scope):
    def cut_off() -> Iterator[bytes]:
        yield os.urandom(9 << 20)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), scoped(scope):
        flows.store(scope=scope, kind="test", upload_key="cut", pieces=cut_off())
    assert files_of(scope.tenant) == []
    assert content_of(scope, keep(scope, b"whole", upload_key="cut")) == b"whole"


def test_a_full_disk_is_said_clearly_and_leaves_nothing(scope: Scope):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    content = os.urandom(9 << 20)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(StoreFull) as refused, scoped(scope):
            flows.store(scope=scope, kind="test", upload_key="large", pieces=[content])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "no room left" in refused.value.message
    assert str(scope.tenant) not in refused.value.message
    assert files_of(scope.tenant) == []
    assert content_of(scope, keep(scope, content, upload_key="large")) == content


def test_a_file_that_is_gone_or_altered_is_refused_before_anything_leaves(scope: Scope, installation: Installation):
    object_id = keep(scope, b"true" * CHUNK)
    path = installation.objects / path_of(scope.tenant, object_id)
    whole = path.read_bytes()
    for altered in (whole[:-1], whole + b"\0", whole[: -CHUNK // 2], bytes(57) + whole[57:], b""):
        path.write_bytes(altered)
        with scoped(scope), pytest.raises(Tampered):
            selectors.read(scope, object_id)
    path.write_bytes(whole[:5000] + b"\0" + whole[5001:])
    with scoped(scope), pytest.raises(Tampered):
        b"".join(selectors.read(scope, object_id).pieces)
    path.unlink()
    with scoped(scope), pytest.raises(FileLost):
        selectors.read(scope, object_id)
    with scoped(scope):
        flows.remove(scope=scope, object_id=object_id)


def test_an_earlier_file_put_back_in_a_later_ones_place_is_refused(scope: Scope, installation: Installation):
    earlier = keep(scope, b"the old price: 100", upload_key="price")
    old = (installation.objects / path_of(scope.tenant, earlier)).read_bytes()
    with scoped(scope):
        flows.remove(scope=scope, object_id=earlier)
    later = keep(scope, b"the new price: 200", upload_key="price")
    (installation.objects / path_of(scope.tenant, later)).write_bytes(old)
    with scoped(scope), pytest.raises(Tampered):
        selectors.read(scope, later)


def test_uploads_at_once_with_one_key_make_one_file(scope: Scope, elsewhere):
    def upload() -> UUID:
        return keep(scope, os.urandom(100_000), upload_key="the-same")

    with ExitStack() as stack:
        outcomes = [stack.enter_context(elsewhere(upload)) for _ in range(6)]
    ids = {outcome for (outcome,) in outcomes}
    assert len(ids) == 1, ids
    assert files_of(scope.tenant) == [str(ids.pop())]


def test_uploads_at_once_do_not_touch_each_other(scope: Scope, elsewhere):
    contents = [bytes([number]) * 300_000 for number in range(8)]
    with ExitStack() as stack:
        outcomes = [stack.enter_context(elsewhere(lambda c=content: keep(scope, c))) for content in contents]
    assert [content_of(scope, object_id) for (object_id,) in outcomes] == contents
