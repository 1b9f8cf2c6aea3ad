"""The framing of exports: written and read back, by us and by the standard library's tar."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import auditfile, canonical
from safehold.kernel.auditfile import Description, Members, Opening, Span
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.verifier import verify
from support.auditvectors import audit_exports

LOG = "safehold/vectors/platform"
KEY, START = audit_exports.KEY, audit_exports.START
export, tenant_log = audit_exports.export, audit_exports.tenant_log
COUNTS = st.integers(0, canonical.MAX_INT)


def written(log, *, openings=False, **more):
    end = len(log.events)
    return auditfile.write(
        Description(log.origin, 0, end, end, START),
        ((data, shown if openings else ()) for data, shown in zip(log.events, log.openings, strict=True)),
        program=b"x",
        checkpoint=log.head(end, START + 3600 * 10**6).sign(KEY),
        **more,
    )


def test_any_tar_unpacks_it():
    with tarfile.open(fileobj=io.BytesIO(b"".join(written(tenant_log())))) as tar:
        names = tar.getnames()
        assert names == [
            "README.txt",
            "verify.py",
            "export.json",
            "checkpoint",
            "events/00000000.jsonl",
            "manifest.json",
        ]
        readme = tar.extractfile("README.txt")
        assert readme is not None
        assert b"verify.py FILE --key" in readme.read()


def test_members_come_back_in_order():
    data = export(tenant_log(), shown=True).encode()
    members, found = Members(io.BytesIO(data)), []
    while members.name:
        found.append((members.name, members.take()))
    assert b"".join(audit_exports.frame(*one) for one in found) + bytes(1024) == data
    with pytest.raises(Tampered, match="the end"):
        members.take()


class Dribble(io.BytesIO):
    """Gives at most seven bytes at a time, as a pipe may."""

    def read(self, size=-1, /):
        return super().read(min(size, 7))


def test_it_reads_from_pipes():
    data = export(tenant_log()).encode()
    assert verify(Dribble(data), [KEY.verifier]).count == 12


def test_long_logs_are_split_and_stay_flat():
    log = audit_exports.Log(audit_exports.tenant_log().origin)
    for number in range(40):
        log.add(START + number, {"note": "y" * 9_000}, fields={"text": "x" * 30_000})
    pieces = list(written(log, openings=True))
    assert max(map(len, pieces)) < 1_500_000
    members = Members(io.BytesIO(b"".join(pieces)))
    names = []
    while members.name:
        names.append(members.name)
        members.take()
    assert {"events/00000001.jsonl", "disclosed/00000001.jsonl", "events/00000002.jsonl"} <= set(names)
    assert verify(io.BytesIO(b"".join(pieces)), [KEY.verifier]).openings == 40


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.none() | st.tuples(COUNTS, COUNTS))
def test_descriptions_come_back(one, two, three, at, period):
    first, end, size = sorted((one, two, three))
    found = Description(LOG, first, end, size, at, period)
    assert Description.parse(found.encode()) == found
    assert found.partial == (first > 0 or end < size)


@given(st.text(), st.text(st.characters(exclude_categories=("Cs",))), st.binary(min_size=16, max_size=16), COUNTS)
def test_openings_come_back(name, value, salt, index):
    name = name.encode("utf-8", "ignore").decode()
    found = Opening(name, value, salt)
    assert Opening.parse(found.encode(index)) == (index, found)


def test_spans_come_back():
    description = Description(LOG, 5, 9, 12, 0)
    found = Span(b"c" * 32, (b"a" * 32, b"b" * 32), (b"d" * 32, b"e" * 32))
    assert Span.parse(found.encode(), description) == found


@pytest.mark.parametrize("value", [1, {}, {"chain": 1, "left": [], "right": [], "v": 1}])
def test_other_things_are_no_spans(value):
    with pytest.raises(Tampered):
        Span.parse(canonical.encode(value), Description(LOG, 5, 9, 12, 0))


@pytest.mark.parametrize(
    "change",
    [{"name": 1}, {"value": None}, {"salt": 1}, {"salt": "zz" * 16}, {"index": -1}, {"index": True}, {"more": 1}],
)
def test_other_things_are_no_openings(change):
    value = {"index": 1, "name": "a", "salt": "00" * 16, "value": "b"}
    with pytest.raises(Tampered):
        Opening.parse(canonical.encode(value | change))


def test_the_writer_refuses_what_could_not_be_read():
    log = tenant_log()
    with pytest.raises(Invalid, match="up to index 12"):
        list(auditfile.write(Description(log.origin, 0, 12, 12, 0), [(log.events[0], ())], program=b"", checkpoint="x"))
    with pytest.raises(Invalid, match="a part of a log"):
        list(auditfile.write(Description(log.origin, 0, 1, 12, 0), [], program=b"", checkpoint="x"))
    with pytest.raises(Invalid, match="at most"):
        list(auditfile.write(Description(log.origin, 0, 0, 0, 0), [], program=bytes(9_000_000), checkpoint="x"))


def test_a_member_that_is_too_big_is_refused_before_it_is_read():
    header = auditfile.header("README.txt", auditfile.MAX_MEMBER + 1)
    with pytest.raises(Tampered, match="header"):
        Members(io.BytesIO(header))
