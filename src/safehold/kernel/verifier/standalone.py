#!/usr/bin/env python3
"""Checks an audit export of Safehold, or the proof of one event, with nothing but Python 3.9 or newer.

    python3 verify.py FILE --key 'safehold/...+...+...' [--held CHECKPOINT]

Take the key (as text, or in a file) from a place that you trust and that did not come with the export. This is a whole
verifier in one file, made to be read: it shares no code with the product. The steps have the numbers of
specs/audit-log.md, section 11. It exits with 0 if all is proved, 1 if it is refused, 2 if something can't be read.
"""
# Names and comments stand for docstrings here; it prints, and it runs on older Pythons than the product does.
# ruff: noqa: B905, D102, D103, N802, PTH123, T201, UP017

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

SKEW, LATE = 300 * 10**6, 3600 * 10**6
MAX_INT = 2**53 - 1
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ORIGIN = re.compile(rf"(safehold/[a-z0-9][a-z0-9-]{{0,62}})/(platform|logs|tenant/{UUID})")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
DECIMAL = r"(0|[1-9][0-9]{0,15})"
Point = tuple[int, int, int, int]
Key = tuple[str, bytes]
Head = dict[str, Any]
Frontier = list[tuple[int, bytes]]


class Fault(Exception):
    """The file does not prove what it claims."""

    def __init__(self, step: int, message: str) -> None:
        super().__init__(message)
        self.step = step


def need(condition: object, step: int, message: str) -> None:
    if not condition:
        raise Fault(step, message)


def matched(pattern: str | re.Pattern[str], text: str, step: int, message: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise Fault(step, message)
    return found


def H(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


# ---- Ed25519, RFC 8032 section 5.1: checks only, so it need not run in constant time. Points are (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point_add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_times(n: int, p: Point) -> Point:
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = point_add(result, p)
        p, n = point_add(p, p), n >> 1
    return result


def point_decode(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def signature_is_right(public: bytes, text: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = point_decode(public), point_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    left, right = point_times(s, BASE), point_add(r, point_times(k, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# ---- Canonical JSON, section 1, and base64.


def refuse(text: str) -> None:
    raise ValueError(text)


def encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def well_formed(value: object, depth: int = 1) -> bool:
    if isinstance(value, int):
        return isinstance(value, bool) or -MAX_INT <= value <= MAX_INT
    if isinstance(value, dict):
        return depth <= 16 and all(KEY.fullmatch(k) and well_formed(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return depth <= 16 and all(well_formed(v, depth + 1) for v in value)
    return True


def decode(data: bytes, step: int) -> Any:
    try:
        value = json.loads(data.decode("utf-8"), parse_float=refuse, parse_constant=refuse)
        right = well_formed(value) and encode(value) == data
    except (ValueError, RecursionError):
        right = False
    need(right, step, "expected canonical JSON")
    return value


def has(value: object, *names: str) -> bool:
    return isinstance(value, dict) and set(value) == set(names)


def count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INT


def unbase64(text: str, step: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Fault(step, "expected base64") from None
    need(base64.b64encode(data).decode() == text, step, "expected canonical base64")
    return data


def unhex(value: object, size: int, step: int) -> bytes:
    message = f"expected {size} bytes in hex"
    need(isinstance(value, str), step, message)
    return bytes.fromhex(matched("[0-9a-f]{%d}" % (2 * size), str(value), step, message)[0])  # noqa: UP031


# ---- Keys, notes, checkpoints, section 7.


def read_key(given: str) -> Key:
    form = r"\s*([^\s+]+)\+([0-9a-f]{8})\+(\S+)\s*"
    message = "expected a key, written name+id+base64, or a file with one"
    try:  # What is written like a key is one, whatever files there are.
        text = given if re.fullmatch(form, given) else Path(given).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Fault(3, f"{message}: {error}") from None
    found = matched(form, text, 3, f"{message}: {given[:80]} is neither")
    data = unbase64(found[3], 3)
    need(len(data) == 33 and data[0] == 1, 3, "expected an Ed25519 key")
    need(H(found[1].encode(), b"\n", data)[:4].hex() == found[2], 3, "the key's id does not fit the key")
    return found[1], data[1:]


def open_note(note: str, origin: str, keys: list[Key], step: int) -> str:
    need(len(note) <= 1048576, step, "the note is too long")
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", note), step, "the note holds control characters")
    body, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    need(blank and lines.pop() == "" and 1 <= len(lines) <= 64, step, "expected a signed note")
    text, good = body + "\n", 0
    ours = [key for name, key in keys if origin.startswith(name + "/")]
    for line in lines:
        found = matched(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line, step, "expected a signature line")
        data = unbase64(found[2], step)
        need(len(data) > 4, step, "expected a key id and a signature")
        for key in ours:
            if found[1] == origin and H(origin.encode(), b"\n\x01", key)[:4] == data[:4]:
                right = signature_is_right(key, text.encode(), data[4:])
                need(right, step, f"the signature of {origin} is not right")
                good += 1
    need(good, step, f"expected a signature of {origin} by a key you gave")
    return text


def open_checkpoint(data: str | bytes, keys: list[Key], step: int, origin: str | None = None) -> Head:
    try:
        note = data if isinstance(data, str) else data.decode("utf-8")
        note.encode("utf-8")
    except UnicodeError:
        raise Fault(step, "expected UTF-8") from None
    claimed = note.partition("\n")[0]
    need(origin in (None, claimed), step, f"expected a checkpoint of {origin}, found {claimed[:120]}")
    text = open_note(note, claimed, keys, step)
    form = rf"([^\n]+)\n{DECIMAL}\n([^\n]+)\nchain ([^\n]+)\ntime {DECIMAL}\n"
    found = matched(form, text, step, "expected origin, size, root, chain, time")
    matched(ORIGIN, found[1], step, "expected the origin of a log")
    root, chain = unbase64(found[3], step), unbase64(found[4], step)
    size, time = int(found[2]), int(found[5])
    need(len(root) == len(chain) == 32 and size <= MAX_INT and time <= MAX_INT, step, "expected a checkpoint")
    return {"origin": found[1], "size": size, "root": root, "chain": chain, "time": time}


# ---- The tree, section 5. A frontier is a list of (width, hash), widths descending.


def push(frontier: Frontier, width: int, value: bytes) -> None:
    frontier.append((width, value))
    while len(frontier) > 1 and frontier[-2][0] == frontier[-1][0]:
        (width, left), (_, right) = frontier[-2:]
        frontier[-2:] = [(2 * width, H(b"\x01", left, right))]


def root_of(frontier: Frontier) -> bytes:
    if not frontier:
        return H()
    result = frontier[-1][1]
    for _, left in reversed(frontier[:-1]):
        result = H(b"\x01", left, result)
    return result


def cover(low: int, high: int) -> list[int]:
    widths = []
    while low < high:
        width = 1 << ((high - low).bit_length() - 1)
        width = min(width, low & -low) if low else width
        widths.append(width)
        low += width
    return widths


def root_from_proof(index: int, size: int, leaf: bytes, hashes: list[bytes], step: int) -> bytes:
    """RFC 6962 section 2.1.1, from the root downwards: the last hash is the sibling nearest to the root."""
    if size == 1:
        need(not hashes, step, "the inclusion proof is too long")
        return leaf
    need(hashes, step, "the inclusion proof is too short")
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        return H(b"\x01", root_from_proof(index, half, leaf, hashes[:-1], step), hashes[-1])
    return H(b"\x01", hashes[-1], root_from_proof(index - half, size - half, leaf, hashes[:-1], step))


# ---- Events, sections 3 and 4, and the proof of one, section 9.


def read_event(data: bytes, step: int) -> Any:
    need(1 <= len(data) <= 65535, step, "expected an event of 1 to 65,535 bytes")
    e = decode(data, step)
    members = ("actor", "at", "fields", "id", "log", "on", "personal", "type", "v")
    need(has(e, *members) and type(e["v"]) is int and e["v"] == 1, step, "expected an event of version 1")
    who = r"[!#-\[\]-~]{%d,200}"
    forms = (("actor", who % 1), ("on", who % 0), ("id", UUID), ("type", r"[a-z][a-z-]*\.[a-z][a-z-]*"))
    for name, form in (*forms, ("log", ORIGIN)):
        need(isinstance(e[name], str) and re.fullmatch(form, e[name]), step, f"the event's {name} is not right")
    need(count(e["at"]), step, "the event's moment is not right")
    for name, scalar in (("fields", (str, int, type(None))), ("personal", str)):
        right = isinstance(e[name], dict) and all(isinstance(v, scalar) for v in e[name].values())
        need(right, step, f"the event's {name} are not right")
    for value in e["personal"].values():
        unhex(value, 32, step)
    return e


def commitment(event: Any, name: str, value: str, salt: bytes) -> str:
    message = b"\x00".join((b"safehold/audit/personal/v1", event["id"].encode(), name.encode(), value.encode()))
    return hmac.new(salt, message, "sha256").hexdigest()


def check_proof(data: bytes, keys: list[Key], step: int = 0) -> tuple[Any, Head]:
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        raise Fault(step, "expected UTF-8") from None
    need(len(text) <= 2097152, step, "the proof is too long")
    form = rf"c2sp\.org/tlog-proof@v1\nextra ([^\n]+)\nindex {DECIMAL}(\n.*)"
    head = matched(re.compile(form, re.DOTALL), text, step, "expected a tlog-proof with the event in its extra line")
    path, blank, note = head[3].partition("\n\n")
    hashes = [unbase64(line, step) for line in path.split("\n")[1:]]
    right = blank and len(hashes) <= 63 and all(len(one) == 32 for one in hashes)
    need(right, step, "expected hashes, an empty line, a checkpoint")
    checkpoint, data = open_checkpoint(note, keys, step), unbase64(head[1], step)
    event = read_event(data, step)
    need(event["log"] == checkpoint["origin"], step, "the event is of another log than the checkpoint")
    need(int(head[2]) < checkpoint["size"], step, "the index lies outside the tree")
    found = root_from_proof(int(head[2]), checkpoint["size"], H(b"\x00", data), hashes, step)
    need(found == checkpoint["root"], step, "the proof does not lead to the signed root")
    return event, checkpoint


# ---- The file, section 10.


class Members:
    """Step 1: reads one member after the other; every byte of the framing has to be the only one possible."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.listed: list[dict[str, Any]] = []
        self.next()

    def read(self, size: int) -> bytes:
        data: bytes = self.file.read(size)
        need(len(data) == size, 1, "the file was cut")
        return data

    def next(self) -> None:
        block = self.read(512)
        self.name = None
        if not block.strip(b"\x00"):
            need(not self.read(512).strip(b"\x00") and not self.file.read(1), 1, "the end is not right")
            return
        name, size = block[:100].rstrip(b"\x00"), block[124:135]
        right = re.fullmatch(rb"[A-Za-z0-9._/-]{1,99}", name) and re.fullmatch(rb"[0-7]{11}", size)
        need(right, 1, "expected the header of a member")
        fields = ((name, 100), (b"0000644", 8), (b"0000000", 8), (b"0000000", 8), (size, 12), (b"0" * 11, 12))
        start = b"".join(value.ljust(width, b"\x00") for value, width in fields)
        end = (b"0" + b"\x00" * 100 + b"ustar\x0000").ljust(356, b"\x00")
        wanted = start + b"%06o\x00 " % (sum(start) + sum(end) + 8 * 32) + end
        self.name, self.size = name.decode(), int(size, 8)
        need(block == wanted and self.size <= 8388608, 1, f"the header of {self.name} is not right")

    def take(self, name: str) -> bytes:
        need(self.name == name, 1, f"expected the member {name}, found {self.name or 'the end'}")
        data = self.read(self.size)
        need(not self.read(-self.size % 512).strip(b"\x00"), 1, f"expected zeros after {name}")
        self.listed.append({"name": name, "sha256": H(data).hex(), "size": self.size})
        self.next()
        return data

    def take_lines(self, name: str, step: int) -> list[bytes]:
        lines = self.take(name).split(b"\n")
        need(lines.pop() == b"" and lines, step, f"expected lines that each end with a newline in {name}")
        return lines


class Run:
    """The verification of one export, step by step."""

    def __init__(self, file: Any, keys: list[Key]) -> None:
        self.keys, self.members = keys, Members(file)
        self.openings = self.in_period = self.chain_to = 0
        self.held: int | None = None
        self.purged: Any = None
        self.met: dict[int, tuple[bytes, bytes]] = {}
        self.logs: Head | None = None
        self.times = (0, MAX_INT)

    def head(self) -> None:
        self.members.take("README.txt")
        self.members.take("verify.py")
        c = self.claim = decode(self.members.take("export.json"), 2)
        need(has(c, "at", "from", "log", "period", "size", "to", "v"), 2, "export.json is not right")
        numbers = all(count(c[name]) for name in ("at", "from", "size", "to", "v"))
        need(numbers and c["v"] == 1 and c["from"] <= c["to"] <= c["size"], 2, "export.json is out of range")
        need(isinstance(c["log"], str) and ORIGIN.fullmatch(c["log"]), 2, "expected the origin of a log")
        p = c["period"]
        right = p is None or (has(p, "from", "to") and count(p["from"]) and count(p["to"]))
        need(right, 2, "the period is not right")
        named = any(c["log"].startswith(name + "/") for name, _ in self.keys)
        need(named, 3, "this log belongs to another installation than the key: " + c["log"])
        self.final = open_checkpoint(self.members.take("checkpoint"), self.keys, 4, c["log"])
        need(self.final["size"] == c["size"], 4, "the checkpoint has another size than export.json")

    def checkpoints(self, held: str | bytes | None) -> None:
        c, heads = self.claim, []
        if self.members.name == "checkpoints.jsonl":
            for line in self.members.take_lines("checkpoints.jsonl", 5):
                note = decode(line, 5)
                need(isinstance(note, str), 5, "expected a note as a string")
                heads.append(open_checkpoint(note, self.keys, 5, c["log"]))
        self.check_order(5, heads)
        if held is not None:
            known = open_checkpoint(held, self.keys, 6, c["log"])
            self.held = size = known["size"]
            need(size <= c["size"], 6, f"you hold a checkpoint of size {size}, the file ends before: it was cut")
            same = [one for one in [*heads, self.final] if one["size"] == size]
            for one in same:
                right = one["root"] == known["root"] and one["chain"] == known["chain"]
                need(right, 6, f"two signed heads of size {size} differ: the log was forked. Keep both")
            if not same:
                need(c["from"] <= size <= c["to"], 6, f"ask for an export that starts at or before size {size}")
                heads = sorted([*heads, known], key=lambda one: one["size"])
                self.check_order(6, heads)
        self.heads = [*heads, self.final]

    def check_order(self, step: int, heads: list[Head]) -> None:
        for one in heads:
            need(self.claim["from"] <= one["size"] <= self.claim["to"], step, "a checkpoint lies outside the range")
        for one, two in zip(heads, [*heads[1:], self.final]):
            right = one["size"] < two["size"] and one["time"] <= two["time"]
            need(right, step, "sizes or times of the checkpoints do not ascend")

    def around(self) -> None:
        c = self.claim
        self.size, self.frontier, self.right = c["from"], [], []
        self.chain = H(b"safehold/audit/chain/v1\n", c["log"].encode())
        if c["from"] > 0 or c["to"] < c["size"]:
            r = decode(self.members.take("range.json"), 7)
            right = has(r, "chain", "left", "right", "v") and type(r["v"]) is int and r["v"] == 1
            need(right and isinstance(r["left"], list) and isinstance(r["right"], list), 7, "range.json is not right")
            left, self.right = ([unhex(one, 32, 7) for one in r[name]] for name in ("left", "right"))
            widths, after = cover(0, c["from"]), cover(c["to"], c["size"])
            need(len(left) == len(widths) and len(self.right) == len(after), 7, "range.json has too few or many hashes")
            self.frontier, start = list(zip(widths, left)), unhex(r["chain"], 32, 7)
            need(c["from"] or start == self.chain, 7, "the chain does not begin at the beginning")
            self.chain = start
        self.proof = self.members.take("logs.tlog-proof") if self.members.name == "logs.tlog-proof" else None

    def events(self) -> None:
        self.met[self.size] = (root_of(self.frontier), self.chain)
        self.reached()
        number = 0
        while (self.members.name or "").startswith(("events/", "disclosed/")):
            lines = self.members.take_lines(f"events/{number:08}.jsonl", 8)
            first = self.size
            for line in lines:
                self.event(line)
            if self.members.name == f"disclosed/{number:08}.jsonl":
                self.disclosed(self.members.take_lines(self.members.name, 11), lines, first)
            number += 1
        need(self.members.name == "manifest.json", 1, "expected manifest.json")
        need(self.size == self.claim["to"], 12, f"events are missing: the file ends at index {self.size}")

    def event(self, line: bytes) -> None:
        need(self.size < self.claim["to"], 12, "there are more events than the file says")
        event, place = read_event(line, 8), f"event {self.size}: "
        need(event["log"] == self.claim["log"], 8, place + "it belongs to another log")
        low, high = self.times
        need(low <= event["at"] <= high, 9, place + "its moment lies outside its checkpoints: dated back or ahead")
        p = self.claim["period"]
        self.in_period += p is not None and p["from"] <= event["at"] < p["to"]
        leaf = H(b"\x00", line)
        push(self.frontier, 1, leaf)
        self.chain = H(b"\x02", self.chain, leaf)
        if event["type"] == "log.purged" and event["on"] == event["log"]:
            self.purge_record(event["fields"], place)
        self.size += 1
        self.reached()

    def reached(self) -> None:
        """Step 10, if this is the size of a head; and the bracket of time up to the next."""
        for one, two in zip(self.heads, self.heads[1:]):
            if one["size"] == self.size:
                self.compare(10, one)
                self.times = (one["time"] - LATE, two["time"] + SKEW)
        if self.times[1] == MAX_INT:
            self.times = (0, self.heads[0]["time"] + SKEW)

    def compare(self, step: int, head: Head) -> None:
        place = f"at size {head['size']}: "
        need(root_of(self.frontier) == head["root"], step, place + "the events do not lead to the signed root")
        need(self.chain == head["chain"], step, place + "the chain does not lead to the signed head")
        self.chain_to = head["size"]
        self.met[head["size"]] = (head["root"], head["chain"])

    def purge_record(self, said: Any, place: str) -> None:
        """Step 17: a purge that the log tells of names a head that the log had."""
        right = has(said, "before", "chain", "minimum", "root", "rule") and count(said["before"])
        right = right and count(said["minimum"]) and said["minimum"] >= 1 and isinstance(said["rule"], str)
        need(right, 17, place + "expected a purge record")
        head = (unhex(said["root"], 32, 17), unhex(said["chain"], 32, 17))
        need(said["minimum"] <= self.size, 17, place + "a purge of events that come later")
        need(self.met.get(said["minimum"], head) == head, 17, place + "the purge record names another head: forged")
        if said["minimum"] == self.claim["from"]:
            self.purged = said

    def disclosed(self, openings: list[bytes], lines: list[bytes], first: int) -> None:
        last = (-1, "")
        for line in openings:
            o = decode(line, 11)
            need(has(o, "index", "name", "salt", "value") and count(o["index"]), 11, "expected an opening")
            need(isinstance(o["name"], str) and isinstance(o["value"], str), 11, "expected name and value as strings")
            salt, place = unhex(o["salt"], 16, 11), f"opening of event {o['index']}: "
            need(last < (o["index"], o["name"]), 11, place + "not in order")
            last = (o["index"], o["name"])
            need(first <= o["index"] < first + len(lines), 11, place + "the event is not in this part")
            event = read_event(lines[o["index"] - first], 11)
            found = event["personal"].get(o["name"])
            right = found == commitment(event, o["name"], o["value"], salt)
            need(right, 11, place + "this value is not the one committed to")
            self.openings += 1

    def finish(self) -> None:
        c = self.claim
        for width, value in zip(cover(c["to"], c["size"]), self.right):
            push(self.frontier, width, value)
        if not self.right:
            self.compare(13, self.final)
        need(root_of(self.frontier) == self.final["root"], 13, "the events do not lead to the signed root")
        if self.proof is not None:
            self.named_in_logs(*check_proof(self.proof, self.keys, 14))
        if c["period"] is not None:
            before = [one["time"] for one in self.heads if one["size"] == c["from"]]
            after = [one["time"] for one in self.heads if one["size"] == c["to"]]
            start = c["from"] == 0 or (before and before[0] + SKEW < c["period"]["from"])
            end = after and c["period"]["to"] <= after[-1] - LATE
            need(start and end, 15, "the checkpoints do not show that the period is complete")
        listed = encode({"members": self.members.listed, "v": 1})
        need(self.members.take("manifest.json") == listed, 16, "the manifest does not list what the file holds")
        need(self.members.name is None, 1, "expected the end")

    def named_in_logs(self, event: Any, head: Head) -> None:
        wanted = matched(ORIGIN, self.claim["log"], 14, "expected an origin")[1] + "/logs"
        right = head["origin"] == wanted and event["type"] == "log.sealed" and event["on"] == self.claim["log"]
        need(right, 14, "expected what the log of logs says of this log")
        heads = [{"chain": o["chain"].hex(), "root": o["root"].hex(), "size": o["size"]} for o in self.heads]
        need(encode(event["fields"]) in [encode(one) for one in heads], 14, "it names a head that is not in the file")
        self.logs = head


def verify(file: Any, keys: list[Key], held: str | bytes | None = None) -> Run:
    run = Run(file, keys)
    run.head()
    run.checkpoints(held)
    run.around()
    run.events()
    run.finish()
    return run


def moment(time: int) -> str:
    return str(datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=time))[:19] + " UTC"


def report(run: Run) -> Iterator[str]:
    c, f = run.claim, run.final
    span = f"indexes {c['from']} to {c['to']}, none missing"
    yield f"VERIFIED: {c['to'] - c['from']} events of {c['log']}, {span}."
    yield f"Head: size {f['size']}, signed {moment(f['time'])}, root {f['root'].hex()}."
    yield f"Signed heads recomputed: {len(run.heads)}. Openings checked: {run.openings}."
    if c["period"]:
        start, end = moment(c["period"]["from"]), moment(c["period"]["to"])
        yield f"Complete for {start} to {end} by the log's clock: {run.in_period} events."
    if run.purged:
        rule, before = run.purged["rule"], moment(run.purged["before"])
        yield f"Purged below index {c['from']} under the rule “{rule}”: all of it older than {before}."
    if not (run.chain_to > c["from"] or c["from"] == c["to"]):
        yield "Not checked: the rolling chain, as no signed head lies in this range. The tree was."
    yield "Named in the log of logs." if run.logs else "Not checked: the log of logs; the file holds no proof from it."
    if run.held is None:
        yield "Not checked: that it continues what you saw before. Keep its checkpoint for the next time."
    else:
        yield f"Agrees with the checkpoint you hold, of size {run.held}."


def check(path: str, keys: list[Key], held: bytes | None) -> Iterator[str]:
    with open(path, "rb") as file:
        is_proof = file.read(20) == b"c2sp.org/tlog-proof@"
        file.seek(0)
        if is_proof:
            event, head = check_proof(file.read(2097153), keys)
            yield f"VERIFIED: this event is in {head['origin']}, size {head['size']}."
            yield encode(event).decode()
        else:
            yield from report(verify(file, keys, held))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an audit export of Safehold, or the proof of one event.")
    parser.add_argument("file")
    parser.add_argument("--key", action="append", required=True, help="the installation's public key, or its file")
    parser.add_argument("--held", help="a checkpoint that you kept from before (a file)")
    options = parser.parse_args(argv)
    try:
        keys = [read_key(given) for given in options.key]
        held = Path(options.held).read_bytes() if options.held else None
    except (Fault, OSError) as fault:
        print(f"Can't be read: {fault}", file=sys.stderr)
        return 2
    try:
        for line in check(options.file, keys, held):
            print(line)
    except OSError as error:
        print(f"Can't be read: {error}", file=sys.stderr)
        return 2
    except Fault as fault:
        print(f"REFUSED at step {fault.step}: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
