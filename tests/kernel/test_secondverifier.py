"""A third verifier, written from the specification alone, comes to the verdicts of the other two: on every vector, on
exports made here, and on what Hypothesis makes of them."""

from __future__ import annotations

import io
import json
import random

import pytest
from hypothesis import given, settings, strategies as st

from safehold.kernel import merkle, proof
from safehold.kernel.errors import SafeholdError, Tampered
from safehold.kernel.note import Verifier
from safehold.kernel.verifier import Refused, standalone, verify
from support import secondverifier
from support.auditvectors import VECTORS, audit_attacks, audit_exports, load
from support.secondverifier import Wrong

INDEX = load("exports.json")
KEY = str(audit_exports.KEY.verifier)
LOG = audit_exports.tenant_log()


def verdicts(data: bytes, keys=(KEY,), held: str | None = None) -> list[tuple[object, ...] | None]:
    """What each of the three says: the facts it proved, or None where it refused."""
    return [one(data, keys, held) for one in (_ours, _standalone, _second)]


def _ours(data, keys, held):
    try:
        found = verify(io.BytesIO(data), [Verifier.parse(key) for key in keys], held)
    except Refused:
        return None
    in_period = found.in_period if found.period else None
    logs = found.logs.size if found.logs else None
    return (
        found.head.origin,
        found.first,
        found.end,
        found.head.root,
        found.openings,
        in_period,
        found.chain_checked,
        logs,
    )


def _standalone(data, keys, held):
    try:
        found = standalone.verify(io.BytesIO(data), [standalone.read_key(key) for key in keys], held)
    except standalone.Fault:
        return None
    c = found.claim
    checked = found.chain_to > c["from"] or c["from"] == c["to"]
    in_period = found.in_period if c["period"] else None
    logs = found.logs["size"] if found.logs else None
    return c["log"], c["from"], c["to"], found.final["root"], found.openings, in_period, checked, logs


def _second(data, keys, held):
    try:
        found = secondverifier.check_export(data, keys, held)
    except Wrong:
        return None
    logs = found.logs.size if found.logs else None
    return (
        found.log,
        found.first,
        found.end,
        found.head.root,
        found.openings,
        found.in_period,
        found.chain_checked,
        logs,
    )


@pytest.mark.parametrize("case", [*INDEX["valid"], *INDEX["invalid"]], ids=lambda case: case["file"])
def test_all_three_agree_on_every_export(case):
    found = verdicts((VECTORS / "exports" / case["file"]).read_bytes(), case["keys"], case["held"])
    assert (found[0] is None) == bool(case["refused_at_step"])
    assert found[0] == found[1] == found[2]


def test_all_three_agree_on_every_proof():
    cases = load("proofs.json")
    for case in cases["valid"]:
        event, head = secondverifier.check_proof(case["proof"], [cases["key"]])
        ours, ours_head = proof.verify(case["proof"], [Verifier.parse(cases["key"])])
        assert (event["id"], head.root) == (str(ours.id), ours_head.root)
    for case in cases["invalid"]:
        with pytest.raises(Wrong):
            secondverifier.check_proof(case["proof"], [cases["key"]])


def test_it_reads_what_the_small_vectors_say():
    for text in load("canonical.json")["valid"]:
        secondverifier.parse(text.encode())
    for case in load("canonical.json")["invalid"]:
        with pytest.raises(Wrong):
            secondverifier.parse(bytes.fromhex(case["hex"]))
    notes = load("notes.json")
    for case in notes["invalid"]:
        with pytest.raises(Wrong):
            secondverifier.head_of(case["note"], [notes["installation_key"]])


@given(st.integers(1, 300), st.data())
def test_the_recursive_tree_is_ours(size, data):
    leaves = [bytes([number % 256]) * 32 for number in range(size)]
    known = {(at, at + 1): leaf for at, leaf in enumerate(leaves)}
    root = secondverifier.mth(0, size, known)
    assert root == merkle.root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(index, size, merkle.subtree_of(leaves))
    assert secondverifier.path_root(index, size, leaves[index], path) == root


def _made(draw) -> tuple[bytes, str | None]:
    """An export as the product makes them: some range, some heads, perhaps openings, perhaps one held."""
    first = draw(st.sampled_from([0, 0, 3, 5, 9]))
    end = draw(st.sampled_from([one for one in (5, 7, 9, 12) if one >= first]))
    heads = draw(st.lists(st.sampled_from(range(first, min(end, 11) + 1)), unique=True, max_size=3))
    logs = audit_exports.logs_proof(LOG.head(12, audit_attacks.at(12))) if draw(st.booleans()) else None
    parts = audit_exports.export(LOG, first, end, earlier=sorted(heads), shown=draw(st.booleans()), logs=logs)
    size = draw(st.none() | st.integers(1, 12))
    return parts.encode(), None if size is None else LOG.head(size, audit_attacks.at(size)).sign(audit_exports.KEY)


@settings(max_examples=150)
@given(st.data())
def test_all_three_agree_on_exports_as_they_are_made(data):
    made, held = _made(data.draw)
    found = verdicts(made, held=held)
    assert found[0] == found[1] == found[2]
    assert verdicts(made)[0] is not None


@settings(max_examples=300)
@given(st.data())
def test_all_three_agree_on_what_becomes_of_them(data):
    """Members changed, dropped, doubled, exchanged, and a manifest that fits what came of it."""
    made, held = _made(data.draw)
    parts = audit_exports.parts_of(made)
    names = [name for name, _ in parts.members]
    for _ in range(data.draw(st.integers(1, 2))):
        name = data.draw(st.sampled_from(names))
        content = dict(parts.members).get(name)
        if content is None:
            continue
        how = data.draw(
            st.sampled_from(["byte", "drop", "twice", "line out", "line twice", "lines exchanged", "value"])
        )
        if how == "drop":
            parts.drop(name)
        elif how == "twice":
            parts.insert(name, name, content)
        else:
            parts.set(name, _changed(data.draw, how, content))
    found = verdicts(parts.encode(), held=held)
    assert found[0] == found[1] == found[2]


def _changed(draw, how: str, content: bytes) -> bytes:
    if how == "byte" or not content:
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        return content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]
    lines = content.splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    if how == "line out":
        del lines[at]
    elif how == "line twice":
        lines.insert(at, lines[at])
    elif how == "lines exchanged":
        other = draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] = _other_value(draw, lines[at])
    return b"".join(lines)


def _other_value(draw, line: bytes) -> bytes:
    """A member of a JSON object set to something else, in canonical bytes."""
    try:
        value = json.loads(line)
    except ValueError:
        return line[::-1]
    if not isinstance(value, dict):
        return line.lower()
    name = draw(st.sampled_from(sorted(value)))
    other = draw(st.sampled_from([0, 1, 2, 7, -1, 2**53 - 1, True, None, "", "x", [], {}, "00" * 32]))
    return audit_exports.json_edit(line, **{name: other}) + line[len(line.rstrip(b"\n")) :]


def _period(claim: tuple[int, int] | None = None) -> audit_exports.Parts:
    """Four events between two heads that show that nothing else happened in between."""

    def later(size: int) -> int:
        return audit_attacks.at(size) + (7200 * audit_exports.SECOND if size > 5 else 0)

    widest = (later(5) + 300 * audit_exports.SECOND + 1, later(9) - 3600 * audit_exports.SECOND)
    return audit_exports.export(LOG, 5, 9, period=claim or widest, times=later, earlier=(5, 9))


def test_a_period_without_any_one_of_its_events_proves_nothing():
    whole = _period()
    assert None not in verdicts(whole.encode())
    for missing in range(4):
        parts = _period()
        lines = parts[audit_attacks.EVENTS].splitlines(keepends=True)
        del lines[missing]
        parts.set(audit_attacks.EVENTS, b"".join(lines))
        assert verdicts(parts.encode()) == [None] * 3
        for end in ("from", "to"):  # and the file saying that it has one event less
            claim = json.loads(parts["export.json"])
            claim[end] += 1 if end == "from" else -1
            lying = audit_exports.parts_of(parts.encode()).set("export.json", audit_exports.json_edit(b"{}", **claim))
            assert verdicts(lying.encode()) == [None] * 3


@pytest.mark.parametrize("more", [(-1, 0), (0, 1), (-(10**9), 0), (0, 10**9), (-1, 1)])
def test_a_longer_period_than_the_heads_show_is_refused(more):
    start, stop = json.loads(_period()["export.json"])["period"].values()
    assert verdicts(_period((start + more[0], stop + more[1])).encode()) == [None] * 3
    assert None not in verdicts(_period((start + 1, stop - 1)).encode())


def test_all_three_agree_on_bits_and_cuts():
    made = audit_exports.export(LOG, 5, 9, shown=True).encode()
    chance = random.Random(11)
    for at in chance.sample(range(len(made)), 250):
        changed = bytearray(made)
        changed[at] ^= 1 << chance.randrange(8)
        assert verdicts(bytes(changed)) == [None] * 3
        assert verdicts(made[:at]) == [None] * 3
        assert verdicts(made[:at] + made[at + 512 :]) == [None] * 3


@settings(max_examples=300)
@given(st.data())
def test_all_three_agree_on_changed_proofs(data):
    cases = load("proofs.json")
    text = data.draw(st.sampled_from(cases["valid"]))["proof"]
    lines = text.split("\n")
    at, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = data.draw(st.sampled_from(["exchange", "drop", "twice", "none"]))
    if how == "exchange":
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "drop":
        del lines[at]
    elif how == "twice":
        lines.insert(at, lines[at])
    changed = "\n".join(lines)
    answers = []
    for check, keys, refusals in (
        (proof.verify, [Verifier.parse(cases["key"])], (Tampered, SafeholdError)),
        (
            lambda one, keys: standalone.check_proof(one.encode(), keys),
            [standalone.read_key(cases["key"])],
            standalone.Fault,
        ),
        (secondverifier.check_proof, [cases["key"]], Wrong),
    ):
        try:
            check(changed, keys)
            answers.append(True)
        except refusals:
            answers.append(False)
    assert len(set(answers)) == 1
    assert answers[0] or how != "none"
