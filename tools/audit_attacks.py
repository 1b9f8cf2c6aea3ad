"""Makes exports that a verifier has to refuse: each attack on a log that can be seen offline, and each broken file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

from audit_exports import (
    KEY,
    NEW_KEY,
    OTHER,
    OTHER_KEY,
    SECOND,
    START,
    Case,
    Log,
    Parts,
    export,
    frame,
    json_edit,
    logs_proof,
    purged_log,
    tenant_log,
)
from safehold.kernel import auditevent, canonical, merkle
from safehold.kernel.checkpoint import Checkpoint

EVENTS = "events/00000000.jsonl"
SHOWN = "disclosed/00000000.jsonl"


def at(size: int) -> int:
    """When the head of this size was signed."""
    return START + 30 * SECOND * size


def with_lines(parts: Parts, name: str, change: Callable[[list[bytes]], object]) -> bytes:
    """The file with the lines of a member changed in place, and a manifest that fits."""
    lines = parts[name].splitlines(keepends=True)
    change(lines)
    return parts.set(name, b"".join(lines)).encode()


def with_json(parts: Parts, name: str, **members: object) -> bytes:
    """The file with members of a JSON member changed (None stays None)."""
    return parts.set(name, json_edit(parts[name], **members)).encode()


def rewritten(log: Log, index: int) -> Log:
    """The log with one event changed, as an attacker writes it who re-hashes all that follows."""
    copy = Log(log.origin)
    copy.events, copy.openings = list(log.events), list(log.openings)
    copy.events[index] = json_edit(copy.events[index], actor="member:somebody-else")
    return copy


def edits() -> Iterator[Case]:
    """Events changed, removed, added, moved, with everything unsigned made to fit."""
    log = tenant_log()

    def edited(change: Callable[[list[bytes]], object], **given: object) -> bytes:
        return with_lines(export(log, **given), EVENTS, change)  # type: ignore[arg-type]  # passed on

    def edit(lines: list[bytes]) -> None:
        lines[6] = json_edit(lines[6], actor="member:somebody-else") + b"\n"

    def reorder(lines: list[bytes]) -> None:
        lines[6], lines[7] = lines[7], lines[6]

    again = log.events[6] + b"\n"
    yield Case("edit", "an event was changed", edited(edit), 10)
    yield Case("edit-one-head", "an event was changed; only the final head tells", edited(edit, earlier=()), 13)
    yield Case("reorder", "two neighbours changed places", edited(reorder), 10)
    yield Case("delete", "an event was taken out", edited(lambda lines: lines.pop(6)), 10)
    yield Case("delete-last", "the last event was taken out", edited(lambda lines: lines.pop()), 12)
    yield Case("insert", "an event was put in", edited(lambda lines: lines.insert(6, again)), 10)
    yield Case("append", "an event was put at the end", edited(lambda lines: lines.append(again)), 12)
    node = merkle.subtree_of(log.hashes())(0, 2) + merkle.subtree_of(log.hashes())(2, 4)
    yield Case(
        "node-as-leaf", "an inner node passed off as an event", edited(lambda x: x.__setitem__(0, node + b"\n")), 8
    )
    moved = json_edit(log.events[6], at=at(5) - 3601 * SECOND)
    back = tenant_log()
    back.events[6] = moved
    yield Case("dated-back", "signed, but written long before the head it follows", export(back).encode(), 9)
    ahead = tenant_log()
    ahead.events[6] = json_edit(log.events[6], at=at(9) + 301 * SECOND)
    yield Case("dated-ahead", "signed, but written after the head that covers it", export(ahead).encode(), 9)
    foreign = json_edit(log.events[6], log=auditevent.origin_of("vectors", OTHER))
    yield Case(
        "event-of-another-log", "one event of another tenant", edited(lambda x: x.__setitem__(6, foreign + b"\n")), 8
    )


def heads() -> Iterator[Case]:
    """Rewritten suffixes, cut tails, swapped logs, forged heads."""
    log, forged = tenant_log(), rewritten(tenant_log(), 6)
    held = log.head(9, at(9)).sign(KEY)
    whole = log.head(12, at(12)).sign(KEY)
    fork = "the suffix was rewritten and signed anew; the head you hold tells"
    yield Case("suffix-rewrite", fork, export(forged, earlier=()).encode(), 10, held=held)
    yield Case("fork", "another history of the same length", export(forged, earlier=()).encode(), 6, held=whole)
    cut = export(log, 0, 9, size=9, earlier=(5,)).encode()
    yield Case("tail-cut", "an older head, shown to one who holds a newer", cut, 6, held=whole)
    apart = export(log, 5, 9, earlier=()).encode()
    between = log.head(11, at(11)).sign(KEY)
    yield Case("held-outside", "the head you hold lies outside the range", apart, 6, held=between)
    held_other = tenant_log(OTHER).head(5, at(5)).sign(KEY)
    yield Case("held-of-another-log", "you hold a head of another log", export(log).encode(), 6, held=held_other)
    held_forged = log.head(5, at(5)).sign(OTHER_KEY)
    yield Case("held-forged", "you hold a head that the key did not sign", export(log).encode(), 6, held=held_forged)
    swapped = with_json(export(tenant_log(OTHER)), "export.json", log=log.origin)
    yield Case("swap", "another tenant's export under this tenant's name", swapped, 4)
    other = tenant_log(OTHER)
    claims_log = Log(log.origin)
    claims_log.events, claims_log.openings = other.events, other.openings
    yield Case("swap-signed", "another tenant's events under this tenant's signed head", export(claims_log).encode(), 8)
    yield Case("unknown-key", "signed by a key that was not given", export(log, signers=(NEW_KEY,)).encode(), 4)
    yield Case("other-installation", "the key of another installation", export(log).encode(), 3, keys=(OTHER_KEY,))
    parts = export(log)
    lie = parts["checkpoint"].replace(b"\n12\n", b"\n11\n", 1)
    yield Case("forged-size", "the head's size was changed", parts.set("checkpoint", lie).encode(), 4)
    good_note = export(log)["checkpoint"].decode()
    text, _, signatures = good_note.rpartition("\n\n")
    bad = signatures[:-9] + ("A" if signatures[-9] != "A" else "B") + signatures[-8:]
    yield Case("forged-signature", "the signature was changed", _with_note(log, f"{text}\n\n{bad}"), 4)
    yield Case("unsigned", "a head without a signature", _with_note(log, f"{text}\n"), 4)
    renamed = good_note.replace(f"— {log.origin}", "— safehold/vectors")
    yield Case(
        "wrong-key-name", "signed under the name of the installation, not of the log", _with_note(log, renamed), 4
    )
    two = good_note + KEY.named(log.origin).signature_line("something else\n")
    yield Case("one-bad-of-two", "a second signature of a known key is wrong", _with_note(log, two), 4)
    bare = KEY.named(log.origin).signature_line(text.rpartition("\ntime")[0] + "\n")
    yield Case(
        "no-time", "a head without its time line", _with_note(log, f"{text.rpartition(chr(10))[0]}\n\n{bare}"), 4
    )
    chained = Checkpoint(log.origin, 12, log.head(12, 0).root, b"\x00" * 32, at(12)).sign(KEY)
    yield Case("wrong-chain", "the root is right, the chain is not", _with_note(log, chained), 13)


def _with_note(log: Log, signed: str) -> bytes:
    return export(log).set("checkpoint", signed.encode()).encode()


def around() -> Iterator[Case]:
    """Heads on the way, ranges, openings, log of logs, period."""
    log = tenant_log()

    def heads_as(*notes: str) -> bytes:
        content = b"".join(canonical.encode(one) + b"\n" for one in notes)
        return export(log).set("checkpoints.jsonl", content).encode()

    five, nine = log.head(5, at(5)).sign(KEY), log.head(9, at(9)).sign(KEY)
    no_note = export(log).set("checkpoints.jsonl", b"1\n").encode()
    yield Case("heads-no-note", "a number instead of a head", no_note, 5)
    yield Case("heads-disordered", "sizes of heads descend", heads_as(nine, five), 5)
    yield Case("heads-twice", "the same head twice", heads_as(five, five), 5)
    early = log.head(9, at(4)).sign(KEY)
    yield Case("heads-time-descends", "a bigger head was signed earlier", heads_as(five, early), 5)
    yield Case("head-forged", "an earlier head signed by nobody known", heads_as(log.head(5, at(5)).sign(NEW_KEY)), 5)
    swapped = tenant_log(OTHER).head(5, at(5)).sign(KEY)
    yield Case("head-of-another-log", "an earlier head of another log", heads_as(swapped), 5)
    outside = export(log, 5, 9)
    content = canonical.encode(log.head(4, at(4)).sign(KEY)) + b"\n" + outside["checkpoints.jsonl"]
    yield Case("head-outside", "a head below the range", outside.set("checkpoints.jsonl", content).encode(), 5)
    yield from _ranges(log)
    yield from _openings(log)
    yield from _logs(log)
    claim = (at(5) + 300 * SECOND, at(9) - 3600 * SECOND)
    proof = "the checkpoint before is not old enough"
    yield Case("period-start", proof, export(log, 5, 9, period=claim).encode(), 15)
    claim = (at(5) + 301 * SECOND, at(9) - 3599 * SECOND)
    yield Case("period-end", "the checkpoint after is not young enough", export(log, 5, 9, period=claim).encode(), 15)
    claim = (at(5) + 301 * SECOND, at(9) - 3600 * SECOND)
    yield Case("period-unheaded", "no head at the start", export(log, 5, 9, earlier=(9,), period=claim).encode(), 15)


def _ranges(log: Log) -> Iterator[Case]:
    def spanned(**members: object) -> bytes:
        return with_json(export(log, 5, 9), "range.json", **members)

    span = json.loads(export(log, 5, 9)["range.json"])
    zero = "00" * 32
    yield Case("range-left", "what lies before is not what it was", spanned(left=[zero, span["left"][1]]), 10)
    yield Case("range-right", "what lies after is not what it was", spanned(right=[zero, *span["right"][1:]]), 13)
    yield Case("range-chain", "the chain begins elsewhere", spanned(chain=zero), 10)
    yield Case("range-left-short", "a hash too few before", spanned(left=span["left"][:1]), 7)
    yield Case("range-right-long", "a hash too many after", spanned(right=[*span["right"], zero]), 7)
    yield Case("range-short-hash", "a hash of 31 bytes", spanned(chain=zero[2:]), 7)
    yield Case("range-not-list", "a hash instead of a list", spanned(left=zero), 7)
    yield Case("range-version", "a version that nobody knows", spanned(v=2), 7)
    wrong = with_json(export(log, 0, 9), "range.json", chain=zero)
    yield Case("range-start-chain", "a whole beginning with another chain", wrong, 7)
    yield Case(
        "range-missing", "a part of a log without what lies around", export(log, 5, 9).drop("range.json").encode(), 1
    )
    shifted = with_json(export(log, 5, 9), "export.json", **{"from": 6, "to": 10})
    yield Case("range-shifted", "events under other indexes", shifted, 5)
    shifted = with_json(export(log, 4, 8, earlier=()), "export.json", **{"from": 8, "to": 12})
    yield Case("range-moved", "the range moved as a whole", shifted, 7)


def _openings(log: Log) -> Iterator[Case]:
    def shown(**members: object) -> bytes:
        def change(lines: list[bytes]) -> None:
            lines[0] = json_edit(lines[0], **members) + b"\n"

        return with_lines(export(log, shown=True), SHOWN, change)

    yield Case("opening-value", "a personal value was changed", shown(value="198.51.100.1"), 11)
    yield Case("opening-salt", "another salt", shown(salt="00" * 16), 11)
    yield Case("opening-salt-short", "a salt of 15 bytes", shown(salt="00" * 15), 11)
    yield Case("opening-name", "a value under another name", shown(name="address"), 11)
    yield Case("opening-index", "a value of an event without it", shown(index=0), 11)
    yield Case("opening-outside", "a value of no event in the file", shown(index=99), 11)
    twice = with_lines(export(log, shown=True), SHOWN, lambda lines: lines.insert(0, lines[0]))
    yield Case("opening-twice", "the same opening twice", twice, 11)


def _logs(log: Log) -> Iterator[Case]:
    final, unseen = log.head(12, at(12)), log.head(11, at(11))
    forged = rewritten(log, 2).head(12, at(12))
    other = tenant_log(OTHER).head(12, at(12))
    cases = {
        "logs-another": ("the log of logs names another log", logs_proof(other)),
        "logs-unseen": ("the log of logs names a head that is not in the file", logs_proof(unseen)),
        "logs-fork": ("the log of logs names another head of this size", logs_proof(forged)),
        "logs-type": ("an event of another type", logs_proof(final, kind="log.mentioned")),
        "logs-origin": ("out of the platform's log, not the log of logs", _platform_proof(final)),
        "logs-text": ("the proof's index was changed", logs_proof(final).replace("\nindex 1\n", "\nindex 0\n")),
        "logs-no-event": ("the proof without its event", _without_extra(logs_proof(final))),
    }
    for name, (why, text) in cases.items():
        yield Case(name, why, export(log, logs=text).encode(), 14)


def _platform_proof(head: Checkpoint) -> str:
    return logs_proof(head, origin="safehold/vectors/platform")


def _without_extra(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith("extra "))


def purges() -> Iterator[Case]:
    """Purge records that are forged, signed all the same: by somebody who can write events, and not the past."""
    zero = "00" * 32
    forged: dict[str, tuple[str, dict[str, object]]] = {
        "purge-root": ("names another root", {"root": zero}),
        "purge-chain": ("names another chain", {"chain": zero}),
        "purge-later": ("is about events that come after it", {"minimum": 13}),
        "purge-nothing": ("is about no event", {"minimum": 0}),
        "purge-minimum-text": ("says its minimum as text", {"minimum": "5"}),
        "purge-short-root": ("gives a root of 31 bytes", {"root": zero[2:]}),
        "purge-no-rule": ("gives no rule", {"rule": None}),
        "purge-more": ("says more than it may", {"more": 1}),
    }
    for name, (why, fields) in forged.items():
        yield Case(name, f"a purge record {why}", export(purged_log(**fields), 5, 13, size=13).encode(), 17)
    shown = export(purged_log(root=zero), 0, 13, size=13)
    yield Case("purge-root-shown", "a forged purge record beside the events it would excuse", shown.encode(), 17)
    unsigned = export(tenant_log(), 0, 12)
    record = purged_log().events[12] + b"\n"
    slipped = with_lines(unsigned, EVENTS, lambda lines: lines.insert(8, record))
    yield Case("purge-slipped-in", "a purge record put in later", slipped, 10)
    excused = with_lines(export(purged_log(), 0, 13, size=13), EVENTS, lambda lines: lines.__delitem__(slice(5)))
    yield Case("purge-excuses-nothing", "events left out of a file that says it has them", excused, 10)


def bytes_() -> Iterator[Case]:
    """Lines and members that are not as the format has them."""
    log = tenant_log()
    first = log.events[0]

    def line(content: bytes) -> bytes:
        forged = tenant_log()
        forged.events[0] = content
        return export(forged, earlier=()).encode()

    value = json.loads(first)
    swapped = {"type": value["type"], **value}
    twice = first.replace(b'"fields":{', b'"fields":{"changed":"title",')
    many = ("]" * 5000).join(["[" * 5000, ""])
    cases = {
        "line-spaces": ("spaces between members", json.dumps(value, sort_keys=True).encode()),
        "line-disordered": ("members in another order", json.dumps(swapped, separators=(",", ":")).encode()),
        "line-escaped": ("an escape that is not needed", first.replace(b"title", rb"t\u0069tle")),
        "line-duplicate-key": ("a key twice", twice),
        "line-fraction": ("a fraction", first.replace(b'"number":0', b'"number":0.5')),
        "line-exponent": ("an exponent", first.replace(b'"number":0', b'"number":1e3')),
        "line-minus-zero": ("minus zero", first.replace(b'"number":0', b'"number":-0')),
        "line-big-number": ("a number of 2^53", first.replace(b'"number":0', b'"number":9007199254740992')),
        "line-nested": ("a field that is an object", first.replace(b'"number":0', b'"number":{}')),
        "line-deep": ("lists 5,000 deep", first.replace(b'"number":0', b'"number":' + many.encode())),
        "line-encoding": ("not UTF-8", first.replace(b"title", b"t\xe9tle")),
        "line-surrogate": ("half a character", first.replace(b"title", rb"\ud83d")),
        "line-raw-control": ("a raw control character", first.replace(b"title", b"t\x01tle")),
        "line-bad-key": ("a key with a space", first.replace(b'"number"', b'"num ber"')),
        "line-missing-member": ("an event without a type", json_drop(first, "type")),
        "line-extra-member": ("an event with a member more", json_edit(first, extra=1)),
        "line-version": ("version 2", json_edit(first, v=2)),
        "line-version-true": ("version true", json_edit(first, v=True)),
        "line-id": ("an id in capitals", json_edit(first, id=value["id"].upper())),
        "line-type": ("a type without a dot", json_edit(first, type="record")),
        "line-no-actor": ("nobody acted", json_edit(first, actor="")),
        "line-actor-space": ("an actor with a space", json_edit(first, actor="member: 7")),
        "line-negative-time": ("a moment before 1970", json_edit(first, at=-1)),
        "line-commitment": ("a commitment of 31 bytes", json_edit(first, personal={"from": "00" * 31})),
        "line-too-long": ("an event of more than 65,535 bytes", json_edit(first, fields={"text": "x" * 65_600})),
        "line-empty": ("an empty line", b""),
        "line-not-json": ("not JSON", b"hello"),
        "line-list": ("a list instead of an event", b"[1]"),
    }
    for name, (why, content) in cases.items():
        yield Case(name, why, line(content), 8)
    cut = export(log, earlier=())
    yield Case("line-unended", "the last line without its newline", cut.set(EVENTS, cut[EVENTS][:-1]).encode(), 8)


def json_drop(data: bytes, member: str) -> bytes:
    """An event without one of its members."""
    value = json.loads(data)
    del value[member]
    return canonical.encode(value)


def files() -> Iterator[Case]:
    """Files that are cut, padded, put together wrongly, or lie about themselves."""
    log = tenant_log()
    whole = export(log).encode()
    yield Case("file-empty", "no bytes at all", b"", 1)
    yield Case("file-cut-block", "cut inside a block", whole[:-700], 1)
    yield Case("file-cut-end", "without the blocks of zeros", whole[:-1024], 1)
    yield Case("file-cut-half", "half of the file", whole[: len(whole) // 1024 * 512], 1)
    yield Case("file-longer", "a byte after the end", whole + b"\x00", 1)
    yield Case("file-header-time", "a header with a moment in it", _with_header(whole, 136, b"00000000001"), 1)
    yield Case(
        "file-padding", "something in the padding", whole.replace(b"A test vector.\n\x00", b"A test vector.\nx", 1), 1
    )
    yield Case("file-not-tar", "not a tar file", b"PK\x03\x04" + bytes(1020), 1)
    latin = export(log)
    latin.set("checkpoint", latin["checkpoint"].replace("—".encode(), b"\x97"))
    yield Case("note-encoding", "a head that is not UTF-8", latin.encode(), 4)
    more = whole[:-1024] + frame("more", b"x") + bytes(1024)
    yield Case("file-after-manifest", "a member after the manifest", more, 1)
    no_manifest = export(log)
    joined = b"".join(frame(name, content) for name, content in no_manifest.members) + bytes(1024)
    yield Case("file-no-manifest", "without a manifest", joined, 1)
    yield Case("file-extra-member", "a member that nobody knows", export(log).insert(EVENTS, "extra", b"x").encode(), 1)
    yield Case("file-no-checkpoint", "without the checkpoint", export(log).drop("checkpoint").encode(), 1)
    misnumbered = Parts([(name.replace("00000000", "00000001"), content) for name, content in export(log).members])
    yield Case("file-misnumbered", "events begin with number 1", misnumbered.encode(), 1)
    orphan = export(log, shown=True)
    lonely = Parts([(name.replace("disclosed/00000000", "disclosed/00000001"), x) for name, x in orphan.members])
    yield Case("file-orphan-openings", "openings without their events", lonely.encode(), 1)
    yield Case("manifest-hash", "the manifest gives another hash", _hash_changed(whole), 16)
    readme = whole.replace(b"A test vector.", b"A best vector.", 1)
    yield Case("readme-changed", "the text for the auditor was changed", readme, 16)
    lies: dict[str, dict[str, object]] = {
        "claim-version": {"v": 2},
        "claim-fraction": {"at": 1.5},
        "claim-negative": {"at": -1},
        "claim-order": {"from": 13},
        "claim-origin": {"log": "safehold/vectors/tenant/x"},
        "claim-period": {"period": {"from": 1}},
        "claim-extra": {"more": 1},
    }
    for name, members in lies.items():
        yield Case(name, "export.json is not as it has to be", with_json(export(log), "export.json", **members), 2)
    shorter = with_json(export(log), "export.json", size=11, to=11)
    yield Case("claim-shorter", "the file says that the log is shorter than its head", shorter, 4)
    spaced = export(log)
    yield Case(
        "claim-spaces",
        "export.json is not canonical",
        spaced.set("export.json", spaced["export.json"] + b"\n").encode(),
        2,
    )
    loose = export(log)
    text, _, tail = loose["checkpoint"].decode().rpartition(" ")
    raw = base64.b64decode(tail)
    sloppy = base64.b64encode(raw).decode().rstrip("=")
    yield Case(
        "note-base64", "base64 without its padding", loose.set("checkpoint", f"{text} {sloppy}\n".encode()).encode(), 4
    )


def _with_header(data: bytes, position: int, value: bytes) -> bytes:
    """The first header with a field changed and a checksum that fits."""
    block = bytearray(data[:512])
    block[position : position + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block) + data[512:]


def _hash_changed(data: bytes) -> bytes:
    at_ = data.rindex(b'"sha256":"') + 10
    return data[:at_] + (b"0" if data[at_ : at_ + 1] != b"0" else b"1") + data[at_ + 1 :]


def invalid() -> Iterator[Case]:
    """All of them."""
    for group in (edits, heads, around, purges, bytes_, files):
        yield from group()
