"""“Verify this page”: each event's bytes, its place, and the way from there to a root that is signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from safehold.foundation.audit import selectors
from safehold.foundation.audit.selectors import Activity
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import installation
from safehold.foundation.audit.stored import tile_reader
from safehold.foundation.scope.scope import Scope
from safehold.kernel import merkle
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import NotFound, Tampered, Unavailable
from safehold.kernel.tiles import TileReader

__all__ = ["Verdict", "verify_page"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it: how many events lead to the signed root, how many wait for one, and which are wrong."""

    proved: int
    waiting: int
    wrong: tuple[Activity, ...]
    size: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


def verify_page(*, scope: Scope, events: Sequence[Activity]) -> Verdict:
    """Check events against the newest signed head of the scope's log. Raises `Tampered` if that itself isn't signed.

    An event that no signed head covers yet is checked for its bytes and its place only.
    """
    head = _signed(scope)
    size = head.size if head else 0
    wrong, proved = [], 0
    with connection.cursor() as cursor:
        tree = TileReader(size, tile_reader(cursor, scope.log_id))
        for event in events:
            if not event.sound:
                wrong.append(event)
            elif head and event.index is not None and event.index < size:
                if _leads_to(head, tree, event):
                    proved += 1
                else:
                    wrong.append(event)
    return Verdict(proved, len(events) - proved - len(wrong), tuple(wrong), size)


def _signed(scope: Scope) -> Checkpoint | None:
    try:
        note = selectors.newest_note(scope=scope)
    except (NotFound, Unavailable):
        return None  # nothing of this log is signed yet
    return open_checkpoint(note, published_keys(installation()))


def _leads_to(head: Checkpoint, tree: TileReader, event: Activity) -> bool:
    index = event.index or 0
    try:
        path = merkle.inclusion_proof(index, head.size, tree.subtree)
        merkle.verify_inclusion(index, head.size, event.digest, path, head.root)
    except Tampered:
        return False
    return True
