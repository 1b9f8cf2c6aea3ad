"""Another verifier of exports and proofs, written from specs/audit-log.md alone and from the pages that it names.

It goes about everything otherwise than the product's two do, so that one misreading isn't made three times: the whole
file in memory, members by Python's own tarfile and the framing by building the file anew, JSON by a parser of its own,
the tree by the recursive definition of RFC 6962 section 2.1, an inclusion proof by section 2.1.1's recursion turned
round. It says whether a file proves what it claims, and what; at which step it failed isn't its business.
"""

from __future__ import annotations

import base64
import io
import re
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as new_hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["Claims", "Wrong", "check_export", "check_proof", "mth", "parse", "path_root"]

LIMIT = 2**53
INSTALLATION = r"safehold/[a-z0-9][a-z0-9-]{0,62}"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LOG = rf"({INSTALLATION})/(platform|logs|tenant/{UUID})"


class Wrong(Exception):
    """It doesn't prove what it claims."""


def must(holds: object, why: str = "") -> None:
    if not holds:
        raise Wrong(why)


# ---- Section 1. A parser by the grammar; what it takes can't be written in another way.

ESCAPES = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WORDS = {"true": True, "false": False, "null": None}


class Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def eat(self, token: str) -> bool:
        found = self.text.startswith(token, self.at)
        self.at += len(token) * found
        return found

    def value(self, depth: int) -> Any:
        must(depth < 16 or self.text[self.at : self.at + 1] not in ("{", "["), "too deep")
        if self.eat("{"):
            return self.several("}", lambda found: self.member(found, depth), {})
        if self.eat("["):
            return self.several("]", lambda found: found.append(self.value(depth + 1)), [])
        if self.eat('"'):
            return self.string()
        for word, meaning in WORDS.items():
            if self.eat(word):
                return meaning
        number = re.compile(r"0|-?[1-9][0-9]*").match(self.text, self.at)
        must(number, "no value")
        self.at = number.end()
        must(abs(int(number[0])) < LIMIT, "too large")
        return int(number[0])

    def several(self, end: str, one: Callable[[Any], None], found: Any) -> Any:
        if self.eat(end):
            return found
        while True:
            one(found)
            if self.eat(end):
                return found
            must(self.eat(","), "no comma")

    def member(self, found: dict[str, Any], depth: int) -> None:
        must(self.eat('"'), "no key")
        name = self.string()
        must(re.fullmatch("[A-Za-z][A-Za-z0-9_.-]{0,63}", name), "no such key")
        must(not found or name > next(reversed(found)), "keys out of order")
        must(self.eat(":"), "no colon")
        found[name] = self.value(depth + 1)

    def string(self) -> str:
        letters = []
        while not self.eat('"'):
            must(self.at < len(self.text), "no end of a string")
            letter = self.text[self.at]
            self.at += 1
            must(letter >= " ", "a control character")
            letters.append(self.escaped() if letter == "\\" else letter)
        return "".join(letters)

    def escaped(self) -> str:
        if self.eat("u"):
            four = self.text[self.at : self.at + 4]
            self.at += 4
            must(re.fullmatch("00[01][0-9a-f]", four) and chr(int(four, 16)) not in "\b\f\n\r\t", "a needless escape")
            return chr(int(four, 16))
        letter = self.text[self.at : self.at + 1]
        self.at += 1
        must(letter in ESCAPES and letter, "no such escape")
        return ESCAPES[letter]


def parse(data: bytes) -> Any:
    """The value in canonical bytes."""
    try:
        parser = Parser(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Wrong("not UTF-8") from None
    found = parser.value(0)
    must(parser.at == len(parser.text), "something after the value")
    return found


def whole(value: object, below: int = LIMIT) -> bool:
    return type(value) is int and 0 <= value < below


def hashed(value: object, size: int = 32) -> bytes:
    must(isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value), "no hash")
    return bytes.fromhex(str(value))


def unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("no base64") from None
    must(base64.b64encode(data).decode() == text, "sloppy base64")
    return data


# ---- Sections 3 to 5.


def event_of(line: bytes, log: str) -> dict[str, Any]:
    must(len(line) <= 65_535, "too long")
    event = parse(line)
    must(isinstance(event, dict), "no object")
    must(list(event) == ["actor", "at", "fields", "id", "log", "on", "personal", "type", "v"], "other members")
    must(all(isinstance(event[name], str) for name in ("actor", "id", "log", "on", "type")), "no string")
    must(
        re.fullmatch(r"[!#-\[\]-~]{1,200}", event["actor"]) and re.fullmatch(r"[!#-\[\]-~]{0,200}", event["on"]), "who"
    )
    must(re.fullmatch(UUID, event["id"]) and re.fullmatch(r"[a-z][a-z-]*\.[a-z][a-z-]*", event["type"]), "id, type")
    must(whole(event["at"]) and event["v"] == 1 and event["v"] is not True and event["log"] == log, "at, v, log")
    must(isinstance(event["fields"], dict) and isinstance(event["personal"], dict), "no objects")
    must(not any(isinstance(value, dict | list) for value in event["fields"].values()), "no plain facts")
    for commitment in event["personal"].values():
        hashed(commitment)
    return event


def H(*parts: bytes) -> bytes:  # noqa: N802 - as the specification writes it
    return sha256(b"".join(parts)).digest()


def split(count: int) -> int:
    """k: the largest power of two smaller than count."""
    return 1 << ((count - 1).bit_length() - 1)


def mth(lo: int, hi: int, known: dict[tuple[int, int], bytes]) -> bytes:
    """The hash over leaves [lo, hi), by the definition; `known` has leaves, and what lies outside of the export."""
    if hi == lo == 0:
        return H()
    if (lo, hi) in known:
        return known[lo, hi]
    must(hi - lo > 1, f"leaf {lo} is nowhere")
    middle = lo + split(hi - lo)
    return H(b"\x01", mth(lo, middle, known), mth(middle, hi, known))


def path_root(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to: PATH(m, D[n]) read backwards."""
    if size == 1:
        must(not path, "a hash too many")
        return leaf
    must(path, "a hash too few")
    k = split(size)
    if index < k:
        return H(b"\x01", path_root(index, k, leaf, path[:-1]), path[-1])
    return H(b"\x01", path[-1], path_root(index - k, size - k, leaf, path[:-1]))


def blocks(first: int, end: int) -> list[tuple[int, int]]:
    """The cover of [first, end)."""
    found, position = [], first
    while position < end:
        k = 0
        while position % (2 << k) == 0 and position + (2 << k) <= end:
            k += 1
        found.append((position, position + (1 << k)))
        position += 1 << k
    return found


# ---- Section 7.


@dataclass(frozen=True)
class Head:
    origin: str
    size: int
    root: bytes
    chain: bytes
    time: int


def key_of(text: str) -> tuple[str, bytes]:
    name, key_id, rest = text.split("+", 2)
    data = unbase64(rest)
    must(len(data) == 33 and data[0] == 1 and key_id == H(f"{name}\n".encode(), data)[:4].hex(), "no key")
    return name, data[1:]


def head_of(note: bytes | str, keys: Sequence[str], origin: str | None = None) -> Head:
    try:
        text = note if isinstance(note, str) else note.decode("utf-8")
        must(len(text.encode()) <= 1_048_576, "too long")
    except UnicodeError:
        raise Wrong("not UTF-8") from None
    must(not any(letter < " " and letter != "\n" for letter in text), "a control character")
    body, empty, tail = text.rpartition("\n\n")
    must(empty and tail.endswith("\n"), "no note")
    lines = body.split("\n")
    must(len(lines) == 5 and lines[2:] and lines[3].startswith("chain ") and lines[4].startswith("time "), "no head")
    must(re.fullmatch(LOG, lines[0]) and origin in (None, lines[0]), "another log")
    for number in (lines[1], lines[4][5:]):
        must(re.fullmatch("0|[1-9][0-9]{0,15}", number) and int(number) < LIMIT, "no number")
    signed(lines[0], f"{body}\n".encode(), tail[:-1].split("\n"), keys)
    found = Head(lines[0], int(lines[1]), unbase64(lines[2]), unbase64(lines[3][6:]), int(lines[4][5:]))
    must(len(found.root) == len(found.chain) == 32, "no hashes")
    return found


def signed(origin: str, text: bytes, lines: Sequence[str], keys: Sequence[str]) -> None:
    known: dict[bytes, bytes] = {}
    for name, public in map(key_of, keys):
        if origin.startswith(f"{name}/"):
            known[H(f"{origin}\n".encode(), b"\x01", public)[:4]] = public
    must(known, "a log of another installation")
    must(len(lines) <= 64, "too many signatures")
    good = 0
    for line in lines:
        found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        must(found, "no signature line")
        data = unbase64(found[2])
        must(len(data) >= 5, "no signature")
        if found[1] == origin and data[:4] in known:
            try:
                Ed25519PublicKey.from_public_bytes(known[data[:4]]).verify(data[4:], text)
            except (InvalidSignature, ValueError):
                raise Wrong("a signature is wrong") from None
            good += 1
    must(good, "nobody known signed")


# ---- Section 9.


def check_proof(data: bytes | str, keys: Sequence[str]) -> tuple[dict[str, Any], Head]:
    """The event that is proved, and the head over it."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise Wrong("not UTF-8") from None
    top, _, note = text.partition("\n\n")
    lines = top.split("\n")
    must(len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra "), "no proof")
    index = re.fullmatch("index (0|[1-9][0-9]{0,15})", lines[2])
    must(index and len(lines) - 3 <= 63, "no index")
    head = head_of(note, keys)
    line, path = unbase64(lines[1][6:]), [unbase64(one) for one in lines[3:]]
    must(all(len(one) == 32 for one in path), "no hashes")
    event = event_of(line, head.origin)
    must(int(index[1]) < head.size, "beyond the head")
    must(path_root(int(index[1]), head.size, H(b"\x00", line), path) == head.root, "another root")
    return event, head


# ---- Sections 10 and 11.


@dataclass
class Claims:
    """What a file proves."""

    log: str
    first: int
    end: int
    head: Head
    heads: int
    chain_checked: bool
    logs: Head | None
    openings: int
    in_period: int | None


def members_of(data: bytes) -> list[tuple[str, bytes]]:
    """The members, of a file that is exactly what their names and contents make."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            found = [(one.name, archive.extractfile(one).read()) for one in archive if one.isreg()]  # type: ignore[union-attr]
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        raise Wrong("no tar") from None
    must(b"".join(frame(*one) for one in found) + bytes(1024) == data, "another framing")
    must(all(len(content) <= 8_388_608 for _, content in found), "too large a member")
    return found


def frame(name: str, content: bytes) -> bytes:
    header = bytearray(512)
    for at, text in (
        (0, name.encode(errors="surrogateescape")[:100]),
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, b"%011o" % len(content)),
        (136, b"00000000000"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
    ):
        header[at : at + len(text)] = text
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header) + content + bytes(-len(content) % 512)


ORDER = (
    r"README\.txt verify\.py export\.json checkpoint( checkpoints\.jsonl)?( range\.json)?( logs\.tlog-proof)?"
    r"(( events/[0-9]{8}\.jsonl)( disclosed/[0-9]{8}\.jsonl)?)* manifest\.json"
)


def check_export(data: bytes, keys: Sequence[str], held: str | bytes | None = None) -> Claims:
    """What the file proves; raises `Wrong` where it doesn't prove what it claims."""
    members = members_of(data)
    names, parts = [name for name, _ in members], dict(members)
    must(re.fullmatch(ORDER, " ".join(names)) and len(parts) == len(names), "other members")
    claim = description(parts["export.json"])
    log, first, end, size = claim["log"], claim["from"], claim["to"], claim["size"]
    final = head_of(parts["checkpoint"], keys, log)
    must(final.size == size, "another size")
    heads = [*earlier(parts, keys, claim), final]
    heads_in_file = list(heads)
    if held is not None:
        keep(heads, head_of(held, keys, log), claim)
    chain, known = around(parts, claim)
    lines = event_lines(members)
    must(len(lines) == end - first, "another number of events")
    events = [event_of(line, log) for line in lines]
    in_time(events, first, heads)
    leaves = [H(b"\x00", line) for line in lines]
    known |= {(at, at + 1): leaf for at, leaf in enumerate(leaves, first)}
    chains = [chain]
    for leaf in leaves:
        chains.append(H(b"\x02", chains[-1], leaf))
    for head in heads:
        must(mth(0, head.size, known) == head.root, "another root")
        must(not first <= head.size <= end or chains[head.size - first] == head.chain, "another chain")
    purges(events, first, log, {first: (mth(0, first, known), chain)} | {h.size: (h.root, h.chain) for h in heads})
    opened = openings(members, events, first)
    logs = named(parts, keys, log, heads_in_file)
    listed = [{"name": name, "sha256": sha256(one).hexdigest(), "size": len(one)} for name, one in members[:-1]]
    must(parse(parts["manifest.json"]) == {"members": listed, "v": 1}, "another manifest")
    checked = any(first < head.size <= end for head in heads) or first == end
    return Claims(log, first, end, final, len(heads), checked, logs, opened, period(claim, heads, events))


def description(data: bytes) -> dict[str, Any]:
    claim = parse(data)
    must(
        isinstance(claim, dict) and list(claim) == ["at", "from", "log", "period", "size", "to", "v"], "no export.json"
    )
    must(all(whole(claim[name]) for name in ("at", "from", "size", "to")) and claim["v"] == 1, "no numbers")
    must(claim["v"] is not True and claim["from"] <= claim["to"] <= claim["size"], "no range")
    must(isinstance(claim["log"], str) and re.fullmatch(LOG, claim["log"]), "no log")
    span = claim["period"]
    if span is not None:
        must(isinstance(span, dict) and list(span) == ["from", "to"], "no period")
        must(all(whole(span[name]) for name in span), "no period")
    return dict(claim)


def earlier(parts: dict[str, bytes], keys: Sequence[str], claim: dict[str, Any]) -> list[Head]:
    if "checkpoints.jsonl" not in parts:
        return []
    lines = parts["checkpoints.jsonl"].split(b"\n")
    must(len(lines) > 1 and lines.pop() == b"", "no last newline")
    found = []
    for line in lines:
        note = parse(line)
        must(isinstance(note, str), "no note")
        found.append(head_of(note, keys, claim["log"]))
    sizes = [head.size for head in found]
    must(sizes == sorted(set(sizes)), "sizes don't ascend")
    must(all(claim["from"] <= size <= claim["to"] and size < claim["size"] for size in sizes), "a head outside")
    times = [head.time for head in [*found, head_of(parts["checkpoint"], keys)]]
    must(times == sorted(times), "times don't ascend")
    return found


def keep(heads: list[Head], held: Head, claim: dict[str, Any]) -> None:
    must(held.size <= claim["size"], "cut or rolled back")
    must(held.size == claim["size"] or claim["from"] <= held.size <= claim["to"], "can't be compared")
    for at, head in enumerate(heads):
        if head.size == held.size:
            must((head.root, head.chain) == (held.root, held.chain), "another history")
            return
        if head.size > held.size:
            heads.insert(at, held)
            return


def around(parts: dict[str, bytes], claim: dict[str, Any]) -> tuple[bytes, dict[tuple[int, int], bytes]]:
    first, end, size = claim["from"], claim["to"], claim["size"]
    start = H(b"safehold/audit/chain/v1\n", claim["log"].encode())
    must(("range.json" in parts) == (first > 0 or end < size), "a range where none belongs, or none where one does")
    if "range.json" not in parts:
        return start, {}
    span = parse(parts["range.json"])
    must(isinstance(span, dict) and list(span) == ["chain", "left", "right", "v"], "no range")
    must(span["v"] == 1 and span["v"] is not True, "another version")
    must(isinstance(span["left"], list) and isinstance(span["right"], list), "no lists")
    places = [*blocks(0, first), *blocks(end, size)]
    must((len(span["left"]), len(span["right"])) == (len(blocks(0, first)), len(blocks(end, size))), "other numbers")
    chain = hashed(span["chain"])
    must(first > 0 or chain == start, "another start")
    return chain, dict(zip(places, map(hashed, [*span["left"], *span["right"]]), strict=True))


def event_lines(members: Sequence[tuple[str, bytes]]) -> list[bytes]:
    found: list[bytes] = []
    number = 0
    for name, content in members:
        if name.startswith("events/"):
            must(name == f"events/{number:08}.jsonl", "misnumbered")
            lines = content.split(b"\n")
            must(len(lines) > 1 and lines.pop() == b"", "no last newline")
            found += lines
            number += 1
        elif name.startswith("disclosed/"):
            must(number and name == f"disclosed/{number - 1:08}.jsonl", "openings of no events")
    return found


def in_time(events: Sequence[dict[str, Any]], first: int, heads: Sequence[Head]) -> None:
    times = [head.time for head in heads]
    must(times == sorted(times), "times don't ascend")
    for index, event in enumerate(events, first):
        before = [head.time for head in heads if head.size <= index]
        after = [head.time for head in heads if head.size > index]
        must(not before or before[-1] - 3_600_000_000 <= event["at"], "dated back")
        must(not after or event["at"] <= after[0] + 300_000_000, "dated ahead")


def purges(events: Sequence[dict[str, Any]], first: int, log: str, states: dict[int, tuple[bytes, bytes]]) -> None:
    """What a log tells of its own purges names the state that it had at the minimum, where the file shows that one."""
    for index, event in enumerate(events, first):
        if (event["type"], event["on"]) == ("log.purged", log):
            said = event["fields"]
            must(list(said) == ["before", "chain", "minimum", "root", "rule"], "no purge record")
            must(whole(said["before"]) and whole(said["minimum"]) and isinstance(said["rule"], str), "no purge record")
            state = hashed(said["root"]), hashed(said["chain"])
            must(1 <= said["minimum"] <= index, "a purge of what comes later")
            shown = states.get(said["minimum"]) if said["minimum"] >= first else None
            must(shown in (None, state), "another state at the minimum")


def openings(members: Sequence[tuple[str, bytes]], events: Sequence[dict[str, Any]], first: int) -> int:
    count, start, end = 0, first, first
    for name, content in members:
        if name.startswith("events/"):
            start, end = end, end + content.count(b"\n")
        elif name.startswith("disclosed/"):
            lines = content.split(b"\n")
            must(len(lines) > 1 and lines.pop() == b"", "no openings")
            before: tuple[int, str] | None = None
            for line in lines:
                one = parse(line)
                must(isinstance(one, dict) and list(one) == ["index", "name", "salt", "value"], "no opening")
                must(
                    whole(one["index"]) and isinstance(one["name"], str) and isinstance(one["value"], str), "no opening"
                )
                must(start <= one["index"] < end, "an opening of another chunk")
                must(before is None or (one["index"], one["name"]) > before, "openings out of order")
                before = (one["index"], one["name"])
                event = events[one["index"] - first]
                text = "\0".join(("safehold/audit/personal/v1", event["id"], one["name"], one["value"]))
                mac = new_hmac(hashed(one["salt"], 16), text.encode(), sha256).hexdigest()
                must(event["personal"].get(one["name"]) == mac, "another value")
                count += 1
    return count


def named(parts: dict[str, bytes], keys: Sequence[str], log: str, heads: Sequence[Head]) -> Head | None:
    if "logs.tlog-proof" not in parts:
        return None
    event, head = check_proof(parts["logs.tlog-proof"], keys)
    installation = re.fullmatch(LOG, log)
    must(installation and head.origin == f"{installation[1]}/logs", "no log of logs")
    must(event["type"] == "log.sealed" and event["on"] == log, "of another log")
    told = [{"chain": one.chain.hex(), "root": one.root.hex(), "size": one.size} for one in heads]
    must(event["fields"] in told and not isinstance(event["fields"].get("size"), bool), "of a head that isn't here")
    return head


def period(claim: dict[str, Any], heads: Sequence[Head], events: Sequence[dict[str, Any]]) -> int | None:
    if claim["period"] is None:
        return None
    start, stop = claim["period"]["from"], claim["period"]["to"]
    by_size = {head.size: head.time for head in heads}
    before, after = by_size.get(claim["from"]), by_size.get(claim["to"])
    must(claim["from"] == 0 or (before is not None and before + 300_000_000 < start), "it may begin earlier")
    must(after is not None and stop <= after - 3_600_000_000, "it may end later")
    return sum(start <= event["at"] < stop for event in events)
