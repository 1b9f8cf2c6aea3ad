"""What a verification found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from safehold.kernel.auditevent import Purge
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.errors import Tampered

__all__ = ["Refused", "Report", "moment", "step"]


class Refused(Tampered):
    """The file does not prove what it claims. `step` is the number in specs/audit-log.md, section 11."""

    code = "refused"

    def __init__(self, step: int, message: str, place: str = "") -> None:
        self.step = step
        super().__init__(f"Step {step}{', ' + place if place else ''}: {message}")


@contextmanager
def step(number: int, place: str = "") -> Iterator[None]:
    """Says of any fault inside at which step it was found."""
    try:
        yield
    except Tampered as fault:
        raise Refused(number, fault.message, place) from None


def moment(time: int) -> str:
    """A moment for people, to the second."""
    try:
        return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{time} µs"


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved. The events are those with first ≤ index < end."""

    head: Checkpoint
    first: int
    end: int
    checkpoints: int
    """How many signed heads were recomputed, the final one and a held one included."""
    chain_checked: bool
    logs: Checkpoint | None
    """The head of the log of logs that names a head of this log, if the file holds that proof."""
    held: int | None
    """The size of the checkpoint that the verifier held, if any."""
    openings: int
    period: tuple[int, int] | None
    in_period: int
    """How many events lie in the period."""
    purged: Purge | None = None
    """What the log says of the purge of all that came before the file's first event."""

    @property
    def count(self) -> int:
        """How many events were checked."""
        return self.end - self.first

    def lines(self) -> Iterator[str]:
        """The report for people: what is proved, then what is not."""
        head = self.head
        yield f"Verified: {self.count:,} events of {head.origin}, indexes {self.first} to {self.end}, none missing."
        yield f"Head: size {head.size}, signed {moment(head.time)}, root {head.root.hex()}."
        yield f"Signed heads recomputed on the way: {self.checkpoints}."
        if self.purged:
            before = moment(self.purged.before)
            yield f"Purged below index {self.first} under the rule “{self.purged.rule}”: all of it older than {before}."
        if self.held is not None:
            yield f"Agrees with the checkpoint you hold, of size {self.held}."
        if self.period:
            span = f"{moment(self.period[0])} to {moment(self.period[1])}"
            yield f"Complete for the period {span}: {self.in_period:,} events, by the log's clock."
        if self.logs:
            yield f"Named in the log of logs (size {self.logs.size}, signed {moment(self.logs.time)})."
        if self.openings:
            yield f"Disclosed personal values that match their commitments: {self.openings}."
        yield from self._not_proved()

    def _not_proved(self) -> Iterator[str]:
        if not self.chain_checked:
            yield "Not checked: the rolling chain, as no signed head lies in this range. The tree was."
        if self.logs is None:
            yield "Not checked: the log of logs, as the file holds no proof from it."
        if self.held is None:
            yield "Not checked: that it continues what you saw before. Give a checkpoint you hold, and keep this one."
