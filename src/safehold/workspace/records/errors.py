"""What can go wrong with collections and records."""

from __future__ import annotations

from uuid import UUID

from safehold.kernel.errors import Conflict, Invalid

__all__ = ["CollectionExists", "ImportRefused", "InvalidRecord", "RecordChanged", "StillReferred"]


class InvalidRecord(Invalid):
    """Some values can't be taken as they are."""

    code = "invalid-record"


class ImportRefused(Invalid):
    """The file can't be imported as it is. Nothing of it was stored."""

    code = "import-refused"


class CollectionExists(Conflict):
    """There is a collection of that name already."""

    code = "collection-exists"


class RecordChanged(Conflict):
    """Someone changed this record in the meantime. Nothing of yours was stored."""

    code = "record-changed"

    def __init__(self, record_id: UUID, *, given: int, current: int) -> None:
        self.record_id, self.given, self.current = record_id, given, current
        super().__init__(hint=f"You edited version {given}; it is at version {current} now. Look at it and edit again.")


class StillReferred(Conflict):
    """Other records still refer to this one."""

    code = "still-referred"
