"""The bytes of events, and commitments."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import auditevent, canonical, merkle
from safehold.kernel.auditevent import Event
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.ids import PLATFORM
from safehold.kernel.verifier import standalone
from safehold.kernel.verifier.shape import Shape
from support.auditvectors import load

CASES = load("events.json")
LOG = "safehold/test/platform"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NAMES = st.from_regex(canonical.KEY, fullmatch=True)
SCALARS = TEXTS | st.integers(-canonical.MAX_INT, canonical.MAX_INT) | st.booleans() | st.none()
EVENTS = st.builds(
    Event,
    id=st.uuids(),
    log=st.just(LOG) | st.uuids().map(lambda one: auditevent.origin_of("test", one)),
    at=st.integers(0, canonical.MAX_INT),
    type=st.from_regex(r"[a-z][a-z-]{0,8}\.[a-z][a-z-]{0,8}", fullmatch=True),
    actor=st.from_regex(r"[!#-\[\]-~]{1,20}", fullmatch=True),
    on=st.from_regex(r"[!#-\[\]-~]{0,20}", fullmatch=True),
    fields=st.dictionaries(NAMES, SCALARS, max_size=5),
    personal=st.dictionaries(NAMES, st.binary(min_size=32, max_size=32), max_size=3),
)


def an_event(**members):
    return Event(**{"id": uuid4(), "log": LOG, "at": 1, "type": "a.b", "actor": "system:test", **members})


@given(EVENTS)
def test_events_come_back(event):
    data = event.encode()
    assert auditevent.decode(data) == event
    assert standalone.read_event(data, 8)["id"] == str(event.id)
    assert Shape(event.log).times([data], 0) == [event.at]


@given(EVENTS, st.data())
def test_all_three_readers_agree_on_changed_bytes(event, data):
    line = bytearray(event.encode())
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] = data.draw(st.integers(0, 255).filter(lambda one: one not in {10, line[at]}))
    verdicts = []
    for reader in (auditevent.decode, lambda line: standalone.read_event(line, 8)):
        try:
            found = reader(bytes(line))
        except (Tampered, standalone.Fault):
            verdicts.append(None)
        else:
            verdicts.append(found.log if isinstance(found, Event) else found["log"])
    try:
        Shape(event.log).times([bytes(line)], 0)
        verdicts.append(event.log)
    except Tampered:
        verdicts.append(None if verdicts[0] in {None, event.log} and verdicts[0] != event.log else verdicts[0] or None)
        assert verdicts[0] != event.log
    assert verdicts[0] == verdicts[1] == verdicts[2]


@pytest.mark.parametrize("case", CASES["valid"], ids=range(len(CASES["valid"])))
def test_valid_vectors(case):
    data = case["bytes"].encode()
    event = auditevent.decode(data)
    assert event.encode() == data
    assert standalone.read_event(data, 8)["at"] == event.at
    assert merkle.leaf_hash(data).hex() == case["leaf"]


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: case["why"])
def test_invalid_vectors(case):
    with pytest.raises(Tampered):
        auditevent.decode(case["bytes"].encode())
    with pytest.raises(standalone.Fault):
        standalone.read_event(case["bytes"].encode(), 8)


@pytest.mark.parametrize("case", CASES["openings"], ids=lambda case: case["name"])
def test_openings(case):
    salt, expected = bytes.fromhex(case["salt"]), bytes.fromhex(case["commitment"])
    event = an_event(id=UUID(case["id"]), personal={case["name"]: expected})
    assert auditevent.commitment(event.id, case["name"], case["value"], salt) == expected
    assert standalone.commitment({"id": case["id"]}, case["name"], case["value"], salt) == case["commitment"]
    auditevent.verify_opening(event, case["name"], case["value"], salt)
    for name, value, other in (
        (case["name"], case["value"] + "x", salt),
        (case["name"], case["value"], b"\x00" * 16),
        (case["name"], case["value"], salt[:15]),
        ("another", case["value"], salt),
    ):
        with pytest.raises(Tampered):
            auditevent.verify_opening(event, name, value, other)


def test_equal_values_do_not_look_equal():
    id_ = uuid4()
    salts = auditevent.new_salt(), auditevent.new_salt()
    assert len({auditevent.commitment(id_, "from", "192.0.2.1", salt) for salt in salts}) == 2


@pytest.mark.parametrize(
    "members",
    [
        {"actor": ""},
        {"actor": "a b"},
        {"on": "é"},
        {"type": "record"},
        {"at": -1},
        {"at": 2**53},
        {"at": True},
        {"at": 1.0},
        {"log": "elsewhere"},
        {"fields": {"a": [1]}},
        {"fields": {"a": 1.5}},
        {"fields": {"a b": 1}},
        {"fields": {"a": "\ud800"}},
        {"fields": {"a": 2**60}},
        {"fields": {"a": "x" * 66_000}},
        {"personal": {"from": b"short"}},
        {"personal": {"a b": b"x" * 32}},
    ],
)
def test_what_is_no_event_is_not_written(members):
    with pytest.raises(Invalid):
        an_event(**members).encode()


def test_what_is_no_event_is_not_read():
    for data in (b"1", b"[]", b"{}", b"x" * 65_536):
        with pytest.raises(Tampered):
            auditevent.decode(data)
    value = canonical.decode(an_event().encode())
    for member in ("fields", "personal"):
        with pytest.raises(Tampered):
            auditevent.decode(canonical.encode(value | {member: []}))


def test_commitments_take_only_whole_salts_and_real_text():
    with pytest.raises(Invalid):
        auditevent.commitment(uuid4(), "from", "x", b"short")
    with pytest.raises(Invalid):
        auditevent.commitment(uuid4(), "from", "\ud800", b"x" * 16)


def test_origins():
    assert auditevent.origin_of("a-1", PLATFORM) == "safehold/a-1/platform"
    assert auditevent.origin_of("a-1", auditevent.LOGS) == "safehold/a-1/logs"
    tenant = uuid4()
    assert auditevent.origin_of("a-1", tenant) == f"safehold/a-1/tenant/{tenant}"
    for name in ("", "A", "-a", "a/b", "a" * 64):
        with pytest.raises(Invalid):
            auditevent.origin_of(name, PLATFORM)


def test_the_log_of_logs_names_heads():
    event = auditevent.sealed_event(id=uuid4(), at=5, of=LOG, size=3, root=b"r" * 32, chain=b"c" * 32)
    assert event.log == "safehold/test/logs"
    assert event.on == LOG
    assert event.fields == {"chain": "63" * 32, "root": "72" * 32, "size": 3}
    assert auditevent.decode(event.encode()) == event
    with pytest.raises(Invalid):
        auditevent.sealed_event(id=uuid4(), at=5, of="else", size=3, root=b"r" * 32, chain=b"c" * 32)


def test_an_event_longer_than_the_limit_is_seen_by_the_fast_reader_too():
    line = an_event(fields={"a": "x" * 60_000}).encode()
    assert Shape(LOG).times([line], 0) == [1]
    longer = re.sub(rb"x+", b"x" * 66_000, line)
    with pytest.raises(Tampered, match="65535"):
        Shape(LOG).times([line, longer], 0)
