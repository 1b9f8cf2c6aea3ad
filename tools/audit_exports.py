"""Makes whole exports, right and wrong, for the test vectors of specs/audit-log.md. Everything is fixed: no chance, no
clock, so the same bytes come out each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from safehold.kernel import auditevent, auditfile, canonical, chain, merkle, note, proof
from safehold.kernel.auditevent import Event
from safehold.kernel.auditfile import Description, Opening, Span
from safehold.kernel.checkpoint import Checkpoint

SECOND = 1_000_000
START = 1_790_000_000 * SECOND
KEY = note.Signer("safehold/vectors", b"\x01" * 32)
NEW_KEY = note.Signer("safehold/vectors", b"\x02" * 32)
OTHER_KEY = note.Signer("safehold/elsewhere", b"\x03" * 32)
TENANT = UUID("0190a000-0000-7000-8000-00000000000a")
OTHER = UUID("0190a000-0000-7000-8000-00000000000b")
PROGRAM = b'print("the stand-alone verifier goes here")\n'


class Log:
    """A log in memory, with everything that exports and proofs of it need."""

    def __init__(self, origin: str, name: str = "") -> None:
        self.origin = origin
        self.name = name
        self.events: list[bytes] = []
        self.openings: list[list[Opening]] = []

    def add(self, at: int, personal: dict[str, str] | None = None, **members: object) -> Event:
        """One more event at `at`; members that are not given get something plausible."""
        number = len(self.events)
        id_ = UUID(bytes=sha256(f"{self.name}{self.origin}{number}".encode()).digest()[:16], version=4)
        openings = [
            Opening(name, value, sha256(f"{id_}{name}".encode()).digest()[:16])
            for name, value in sorted((personal or {}).items())
        ]
        event = Event(
            **{  # type: ignore[arg-type]  # members are those of an event
                "id": id_,
                "log": self.origin,
                "at": at,
                "type": "record.updated",
                "actor": f"member:{UUID(int=7)}",
                "on": f"record:{UUID(int=number + 100)}",
                "fields": {"changed": "title", "number": number},
                "personal": {one.name: auditevent.commitment(id_, one.name, one.value, one.salt) for one in openings},
                **members,
            }
        )
        self.events.append(event.encode())
        self.openings.append(openings)
        return event

    def hashes(self, lo: int = 0, hi: int | None = None) -> list[bytes]:
        """The leaf hashes of [lo, hi)."""
        return merkle.leaf_hashes(self.events[lo:hi])

    def chain(self, size: int) -> bytes:
        """The chain's head at a size."""
        return chain.extend_many(chain.start(self.origin), self.hashes(0, size))

    def head(self, size: int, time: int) -> Checkpoint:
        """The head at a size, as of a moment."""
        return Checkpoint(self.origin, size, merkle.root(self.hashes(0, size)), self.chain(size), time)

    def span(self, first: int, end: int, size: int) -> Span:
        """What lies around [first, end)."""
        subtree = merkle.subtree_of(self.hashes())
        left = tuple(subtree(lo, hi) for lo, hi in merkle.cover(0, first))
        right = tuple(subtree(lo, hi) for lo, hi in merkle.cover(end, size))
        return Span(self.chain(first), left, right)

    def proof(self, index: int, head: Checkpoint) -> str:
        """The proof of one event under a head."""
        path = merkle.inclusion_proof(index, head.size, merkle.subtree_of(self.hashes()))
        return proof.Proof(index, tuple(path), head.sign(KEY), self.events[index]).encode()


def tenant_log(tenant: UUID = TENANT, name: str = "") -> Log:
    """Twelve events, half a minute apart."""
    log = Log(auditevent.origin_of("vectors", tenant), name)
    for number in range(12):
        more: dict[str, object] = {}
        if number == 3:
            more = {"fields": {"note": 'a "quoted" \\ line\n and é, 漢, \u2028, 🙂', "ok": True, "none": None, "n": -7}}
        personal = {"from": "192.0.2.7", "name": f"Zoë {number}"} if number % 4 == 1 else None
        log.add(START + 30 * SECOND * number, personal, **more)
    return log


def purged_log(of: int = 5, **fields: object) -> Log:
    """The twelve events, and one that tells of the purge of the first five; `fields` replace what it says."""
    log = tenant_log()
    head = log.head(of, START)
    said = {
        "before": START + 30 * SECOND * of,
        "chain": head.chain.hex(),
        "minimum": of,
        "root": head.root.hex(),
        "rule": "starter: 1 year",
    }
    more = {"type": auditevent.PURGED, "actor": "system:retention", "on": log.origin, "fields": said | fields}
    log.add(START + 30 * SECOND * 12, **more)  # type: ignore[arg-type]  # members of an event
    return log


def logs_proof(*heads: Checkpoint, kind: str = auditevent.SEALED, which: int = -1, origin: str = "") -> str:
    """A proof out of a log of logs that names these heads (and one of another tenant before)."""
    log = Log(origin or auditevent.origin_of("vectors", auditevent.LOGS))
    other = tenant_log(OTHER).head(4, START)
    for number, head in enumerate((other, *heads)):
        event = auditevent.sealed_event(
            id=UUID(int=number + 500), at=head.time, of=head.origin, size=head.size, root=head.root, chain=head.chain
        )
        log.add(event.at, id=event.id, type=kind, actor=event.actor, on=event.on, fields=event.fields)
    size = len(log.events)
    return log.proof(size + which, log.head(size, heads[-1].time))


@dataclass
class Parts:
    """The members of an export, open to every change; `encode` frames them and writes a manifest that fits."""

    members: list[tuple[str, bytes]] = field(default_factory=list)

    def __getitem__(self, name: str) -> bytes:
        return dict(self.members)[name]

    def set(self, name: str, content: bytes) -> Parts:
        """Replace a member."""
        self.members = [(one, content if one == name else old) for one, old in self.members]
        return self

    def drop(self, name: str) -> Parts:
        """Leave a member out."""
        self.members = [(one, old) for one, old in self.members if one != name]
        return self

    def insert(self, before: str, name: str, content: bytes) -> Parts:
        """Put a member in before another."""
        at = [one for one, _ in self.members].index(before)
        self.members.insert(at, (name, content))
        return self

    def encode(self) -> bytes:
        """The file."""
        listed: list[canonical.Value] = [
            {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
            for name, content in self.members
        ]
        manifest = canonical.encode({"members": listed, "v": 1})
        return b"".join(frame(name, content) for name, content in [*self.members, ("manifest.json", manifest)]) + bytes(
            1024
        )


def frame(name: str, content: bytes) -> bytes:
    """One member as it stands in the file."""
    return auditfile.header(name, len(content)) + content + bytes(-len(content) % 512)


def parts_of(data: bytes) -> Parts:
    """The members of a file, without its manifest."""
    source = Bytes(data)
    members, found = auditfile.Members(source), []
    while members.name:
        name = members.name
        found.append((name, members.take()))
    return Parts(found[:-1])


class Bytes:
    """Bytes to read from."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes."""
        self._at += size
        return self._data[self._at - size : self._at]


def export(
    log: Log,
    first: int = 0,
    end: int = 12,
    *,
    size: int = 12,
    earlier: Sequence[int] = (5, 9),
    shown: bool = False,
    logs: str | None = None,
    period: tuple[int, int] | None = None,
    signers: Sequence[note.Signer] = (KEY,),
    times: Callable[[int], int] = lambda size: START + 30 * SECOND * size,
) -> Parts:
    """An export of a log; head n is signed at `times(n)`."""
    description = Description(log.origin, first, end, size, START + 3600 * SECOND, period)
    pieces = auditfile.write(
        description,
        ((log.events[index], log.openings[index] if shown else ()) for index in range(first, end)),
        program=PROGRAM,
        checkpoint=log.head(size, times(size)).sign(*signers),
        earlier=[log.head(one, times(one)).sign(*signers) for one in earlier],
        span=log.span(first, end, size) if description.partial else None,
        logs=logs,
        readme="A test vector.\n",
    )
    return parts_of(b"".join(pieces))


@dataclass
class Case:
    """One file, and what a verifier has to say of it: what it reports, or at which step it refuses."""

    name: str
    why: str
    data: bytes
    step: int | None = None
    held: str | None = None
    keys: Sequence[note.Signer] = (KEY,)

    def entry(self) -> dict[str, object]:
        """The line in `exports.json`."""
        return {
            "file": f"{self.name}{auditfile.SUFFIX}",
            "why": self.why,
            "keys": [str(key.verifier) for key in self.keys],
            "held": self.held,
            "refused_at_step": self.step,
        }


def split(parts: Parts, at: int) -> Parts:
    """The same events in two members, the openings going with them."""
    lines = parts["events/00000000.jsonl"].splitlines(keepends=True)
    parts.set("events/00000000.jsonl", b"".join(lines[:at]))
    shown = dict(parts.members).get("disclosed/00000000.jsonl", b"").splitlines(keepends=True)
    before = [line for line in shown if json.loads(line)["index"] < at]
    parts.set("disclosed/00000000.jsonl", b"".join(before))
    parts.members.append(("events/00000001.jsonl", b"".join(lines[at:])))
    parts.members.append(("disclosed/00000001.jsonl", b"".join(shown[len(before) :])))
    return parts


def valid() -> Iterator[Case]:
    """Files that prove what they claim."""
    log = tenant_log()

    def at(size: int) -> int:
        return START + 30 * SECOND * size

    yield Case("whole", "the whole log, with heads on the way", export(log).encode())
    yield Case("whole-plain", "the whole log, one head", export(log, earlier=()).encode())
    yield Case("empty", "a log without events", export(log, 0, 0, size=0, earlier=()).encode())
    yield Case("one", "a log of one event", export(log, 0, 1, size=1, earlier=()).encode())
    yield Case("disclosed", "with personal values opened", export(log, shown=True).encode())
    two = split(export(log, shown=True), 6)
    yield Case("two-chunks", "events and openings in two members each", two.encode())
    heads = log.head(9, at(9)), log.head(12, at(12))
    yield Case("in-log-of-logs", "the log of logs names the final head", export(log, logs=logs_proof(*heads)).encode())
    yield Case(
        "earlier-in-log-of-logs",
        "the log of logs names an earlier head in the file",
        export(log, logs=logs_proof(*heads, which=-2)).encode(),
    )
    yield Case("range", "a range between two heads", export(log, 5, 9).encode())
    yield Case("range-to-end", "from a head to the end", export(log, 5, 12).encode())
    yield Case("range-from-start", "from the start to a head", export(log, 0, 9).encode())
    yield Case("range-unheaded", "no head in the range: the tree alone", export(log, 3, 7, earlier=()).encode())
    yield Case("range-empty", "a range of no events", export(log, 5, 5, earlier=(5,)).encode())
    held = log.head(5, at(5)).sign(KEY)
    yield Case("held", "agrees with a head held from before", export(log, earlier=()).encode(), held=held)
    final = log.head(12, at(12)).sign(KEY)
    yield Case("held-final", "the head held is the final one", export(log).encode(), held=final)
    yield Case("held-start", "a range that starts at the head held", export(log, 5, 12).encode(), held=held)

    def later(size: int) -> int:
        return at(size) + (7200 * SECOND if size > 5 else 0)

    claim = (at(5) + 301 * SECOND, at(9) + 3600 * SECOND)
    proved = export(log, 5, 9, period=claim, times=later, earlier=(5, 9))
    yield Case("period", "all events of a period", proved.encode())
    purged = purged_log()
    yield Case("purged", "what came before was purged; the log says so", export(purged, 5, 13, size=13).encode())
    shown = export(purged, 0, 13, size=13)
    yield Case("purged-shown", "a purge is told of, its events are still there", shown.encode())
    claim = (0, at(12) + 3600 * SECOND)
    yield Case("period-from-start", "all up to a moment", export(log, period=claim, times=later, earlier=()).encode())
    both = export(log, signers=(KEY, NEW_KEY))
    yield Case("two-keys-old", "signed with two keys, checked with the old", both.encode())
    yield Case("two-keys-new", "signed with two keys, checked with the new", both.encode(), keys=(NEW_KEY,))
    yield Case("two-keys-both", "both keys given", both.encode(), keys=(KEY, NEW_KEY))
    slow = tenant_log()
    slow.events[6] = json_edit(slow.events[6], at=at(5) - 3599 * SECOND)
    yield Case("late-but-in-time", "sealed 59 minutes after it was written", export(slow).encode())


def json_edit(data: bytes, **members: object) -> bytes:
    """An event with members changed, in canonical bytes whatever they are."""
    value = json.loads(data) | members
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
