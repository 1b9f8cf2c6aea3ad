"""The verifier of exports. The numbers are the steps of specs/audit-log.md, section 11."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from safehold.kernel import auditevent, canonical, chain, merkle, proof
from safehold.kernel.auditfile import Description, Members, Opening, Source, Span
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint, verifiers_for
from safehold.kernel.errors import Tampered
from safehold.kernel.note import Verifier
from safehold.kernel.verifier.report import Refused, Report, moment, step
from safehold.kernel.verifier.shape import Shape

__all__ = ["LATE", "SKEW", "verify"]

SKEW: Final = 300_000_000
"""How far two clocks may differ (microseconds)."""
LATE: Final = 3_600_000_000
"""How long a transaction may take before its events are sealed (microseconds)."""
_PURGED: Final = f'"type":"{auditevent.PURGED}"'.encode()


def verify(source: Source, keys: Sequence[Verifier], held: str | None = None) -> Report:
    """Check an export read from `source`, and return what it proves; `Refused` at the first fault.

    `keys` are public keys as the installation publishes them; `held` is a signed checkpoint of the log that the
    verifier kept from before.
    """
    run = _Run(source, keys)
    run.head()
    run.checkpoints(held)
    run.around()
    run.events()
    run.finish()
    return run.report()


class _Run:
    """One verification: what has been read so far, and what it has to lead to."""

    def __init__(self, source: Source, keys: Sequence[Verifier]) -> None:
        self._keys = keys
        with step(1):
            self._members = Members(source)
        self._held: int | None = None
        self._logs: Checkpoint | None = None
        self._chain_to = self._openings = self._in_period = 0
        self._met: dict[int, tuple[bytes, bytes]] = {}
        self._purged: auditevent.Purge | None = None

    def _take(self, *names: str) -> bytes:
        with step(1):
            if self._members.name not in names:
                raise Tampered(f"Expected the member {' or '.join(names)}, found {self._members.name or 'the end'}.")
            return self._members.take()

    def head(self) -> None:
        """Steps 2 to 4: what the file claims, and the final checkpoint."""
        self._take("README.txt")
        self._take("verify.py")
        content = self._take("export.json")
        with step(2):
            self._claim = Description.parse(content)
        with step(3):
            verifiers_for(self._claim.log, self._keys)
        self._final = self._open(4, self._take("checkpoint"), "the final checkpoint")
        if self._final.size != self._claim.size:
            raise Refused(4, f"Expected a checkpoint of size {self._claim.size}, found one of {self._final.size}.")

    def _open(self, number: int, signed: bytes, place: str) -> Checkpoint:
        with step(number, place):
            try:
                return open_checkpoint(signed.decode(), self._keys, self._claim.log)
            except UnicodeError:
                raise Tampered("Expected UTF-8.") from None

    def checkpoints(self, held: str | None) -> None:
        """Steps 5 and 6: the heads to meet on the way."""
        found: list[Checkpoint] = []
        if self._members.name == "checkpoints.jsonl":
            content = self._take("checkpoints.jsonl")
            for number, line in enumerate(_lines(5, content)):
                with step(5, f"line {number + 1} of checkpoints.jsonl"):
                    signed = canonical.decode(line)
                    if not isinstance(signed, str):
                        raise Tampered("Expected a note as a string.")
                    found.append(open_checkpoint(signed, self._keys, self._claim.log))
        self._check_order(5, [*found, self._final])
        if held is not None:
            self._add_held(self._open(6, held.encode(), "the checkpoint you hold"), found)
        self._stations = [*found, self._final]

    def _check_order(self, number: int, heads: Sequence[Checkpoint]) -> None:
        claim = self._claim
        for one in heads[:-1]:
            if not claim.first <= one.size <= claim.end:
                raise Refused(number, f"Expected sizes from {claim.first} to {claim.end}, found {one.size}.")
        for before, after in pairwise(heads):
            if before.size >= after.size or before.time > after.time:
                raise Refused(number, "Expected checkpoints in ascending order of size and time.", f"size {after.size}")

    def _add_held(self, held: Checkpoint, found: list[Checkpoint]) -> None:
        claim, self._held = self._claim, held.size
        if held.size > claim.size:
            message = f"You hold a checkpoint of size {held.size}, the file ends at {claim.size}: the tail was cut."
            raise Refused(6, message)
        for one in (*found, self._final):
            if one.size == held.size:
                if (one.root, one.chain) != (held.root, held.chain):
                    message = "Two signed heads of this size differ: the log was forked. Keep both; they prove it."
                    raise Refused(6, message, f"size {held.size}")
                return
        if not claim.first <= held.size <= claim.end:
            message = f"You hold a checkpoint of size {held.size}; ask for an export that starts at or before it."
            raise Refused(6, message)
        found.append(held)
        found.sort(key=lambda one: one.size)
        self._check_order(6, [*found, self._final])

    def around(self) -> None:
        """Step 7: where the events begin."""
        claim = self._claim
        self._right: tuple[bytes, ...] = ()
        self._chain = chain.start(claim.log)
        self._frontier = merkle.Frontier()
        if claim.partial:
            content = self._take("range.json")
            with step(7):
                span = Span.parse(content, claim)
                self._frontier = merkle.Frontier(claim.first, span.left)
                if claim.first:
                    self._chain = span.chain
                elif span.chain != self._chain:
                    raise Tampered("Expected the chain to begin with that of an empty log.")
                self._right = span.right
        self._proof = self._take("logs.tlog-proof") if self._members.name == "logs.tlog-proof" else None

    def events(self) -> None:
        """Steps 8 to 12: every event, every head on the way, every opening."""
        self._shape = Shape(self._claim.log)
        self._next = 0
        self._times = (0, canonical.MAX_INT)
        self._met[self._frontier.size] = self._frontier.root(), self._chain
        self._meet()
        number = 0
        while (self._members.name or "").startswith(("events/", "disclosed/")):
            first = self._frontier.size
            lines = _lines(8, self._take(f"events/{number:08}.jsonl"), f"events/{number:08}.jsonl")
            self._read(lines)
            if self._members.name == f"disclosed/{number:08}.jsonl":
                self._check_openings(self._take(self._members.name), lines, first)
            number += 1
        if self._members.name != "manifest.json":
            raise Refused(1, f"Expected manifest.json, found {self._members.name or 'the end'}.")
        if self._frontier.size != self._claim.end:
            message = f"Expected events up to index {self._claim.end}, found them up to {self._frontier.size}."
            raise Refused(12, message)

    def _read(self, lines: list[bytes]) -> None:
        """Events in pieces that end where a head is to be met."""
        while lines:
            first = self._frontier.size
            piece = lines[: min(self._stations[self._next].size, self._claim.end) - first]
            if not piece:
                raise Refused(12, f"Expected {self._claim.end} to be the end, found more events.")
            self._check_times(self._shape.times(piece, first), first)
            hashes = merkle.leaf_hashes(piece)
            self._frontier.extend(hashes)
            self._chain = chain.extend_many(self._chain, hashes)
            self._check_purges(piece, first)
            self._meet()
            lines = lines[len(piece) :]

    def _meet(self) -> None:
        """Step 10, for the head whose size has just been reached; and the time bracket up to the next."""
        stations, size = self._stations, self._frontier.size
        earliest = self._times[0]
        while self._next < len(stations) and stations[self._next].size == size:
            station = stations[self._next]
            if station is self._final:
                break
            self._compare(10, station)
            earliest = station.time - LATE
            self._next += 1
        upcoming = stations[min(self._next, len(stations) - 1)]
        self._times = (earliest, upcoming.time + SKEW)

    def _compare(self, number: int, station: Checkpoint) -> None:
        place = f"size {station.size}"
        if self._frontier.root() != station.root:
            message = f"Expected events that lead to the signed root {station.root.hex()}: something was changed."
            raise Refused(number, message, place)
        if self._chain != station.chain:
            raise Refused(number, f"Expected the chain to lead to the signed head {station.chain.hex()}.", place)
        self._chain_to = station.size
        self._met[station.size] = station.root, station.chain

    def _check_purges(self, piece: Sequence[bytes], first: int) -> None:
        """Step 17: what the log says of its own purges, held to the heads that they name."""
        for index, line in enumerate(piece, first):
            if _PURGED not in line:
                continue
            with step(17, f"event {index}"):
                said = auditevent.purge_of(auditevent.decode(line))
                if said is None:
                    continue
                if said.minimum > index:
                    raise Tampered("Expected a purge of events before it, found one of events that come later.")
                if self._met.get(said.minimum, (said.root, said.chain)) != (said.root, said.chain):
                    raise Tampered(f"Expected the head at {said.minimum}, found another: this purge record is forged.")
                if said.minimum == self._claim.first:
                    self._purged = said

    def _check_times(self, times: list[int], first: int) -> None:
        """Step 9, for a piece between two heads."""
        low, high = self._times
        if min(times) < low or max(times) > high:
            index = next(index for index, at in enumerate(times, first) if not low <= at <= high)
            at = times[index - first]
            message = f"Expected a moment from {moment(max(low, 0))} to {moment(high)}, found {moment(at)}."
            raise Refused(9, f"{message} It was dated back or ahead.", f"event {index}")
        if self._claim.period:
            start, end = self._claim.period
            self._in_period += sum(1 for at in times if start <= at < end)

    def _check_openings(self, content: bytes, lines: Sequence[bytes], first: int) -> None:
        """Step 11."""
        last = (-1, "")
        for line in _lines(11, content, "disclosed"):
            with step(11, f"after opening {self._openings}"):
                index, opening = Opening.parse(line)
                if (index, opening.name) <= last or not first <= index < first + len(lines):
                    raise Tampered("Expected openings of the events before them, in ascending order.")
                event = auditevent.decode(lines[index - first])
                auditevent.verify_opening(event, opening.name, opening.value, opening.salt)
                last = (index, opening.name)
                self._openings += 1

    def finish(self) -> None:
        """Steps 13 to 16: the final head, the log of logs, the period, the manifest."""
        self._check_head()
        if self._proof is not None:
            with step(14):
                self._logs = self._check_logs(self._proof)
        if self._claim.period:
            self._check_period(*self._claim.period)
        listed = canonical.encode({"members": list(self._members.listed), "v": 1})
        if self._take("manifest.json") != listed:
            raise Refused(16, "Expected the manifest to list exactly what the file holds.")
        if self._members.name is not None:
            raise Refused(1, f"Expected the end, found {self._members.name}.")

    def _check_head(self) -> None:
        if not self._right:
            self._compare(13, self._final)
            return
        with step(13):
            for start, end in merkle.cover(self._claim.end, self._claim.size):
                height = (end - start).bit_length() - 1
                self._frontier.append_subtree(height, self._right[0])
                self._right = self._right[1:]
            if self._frontier.root() != self._final.root:
                raise Tampered(f"Expected events that lead to the signed root {self._final.root.hex()}.")

    def _check_logs(self, content: bytes) -> Checkpoint:
        event, head = proof.verify(content, self._keys)
        found = auditevent.ORIGIN.fullmatch(self._claim.log)
        wanted = f"{found[1]}/logs" if found else ""
        if head.origin != wanted or event.type != auditevent.SEALED or event.on != self._claim.log:
            raise Tampered(f"Expected what {wanted} says of this log.")
        named = canonical.encode(dict(event.fields))
        for one in self._stations:
            if named == canonical.encode({"chain": one.chain.hex(), "root": one.root.hex(), "size": one.size}):
                return head
        raise Tampered("Expected the log of logs to name a head that is in the file.")

    def _check_period(self, start: int, end: int) -> None:
        claim = self._claim
        before = [one.time for one in self._stations if one.size == claim.first]
        after = [one.time for one in self._stations if one.size == claim.end]
        if claim.first and not (before and before[0] + SKEW < start):
            raise Refused(15, f"Expected a checkpoint of size {claim.first} signed 5 minutes before the period.")
        if not (after and end <= after[-1] - LATE):
            raise Refused(15, f"Expected a checkpoint of size {claim.end} signed an hour after the period.")

    def report(self) -> Report:
        """What was proved."""
        claim = self._claim
        return Report(
            head=self._final,
            first=claim.first,
            end=claim.end,
            checkpoints=len(self._stations),
            chain_checked=self._chain_to > claim.first or claim.first == claim.end,
            logs=self._logs,
            held=self._held,
            openings=self._openings,
            period=claim.period,
            in_period=self._in_period,
            purged=self._purged,
        )


def _lines(number: int, content: bytes, place: str = "") -> list[bytes]:
    """The lines of a member: at least one, each with its newline."""
    lines = content.split(b"\n")
    if lines.pop() or not lines:
        raise Refused(number, "Expected lines that each end with a newline.", place)
    return lines
