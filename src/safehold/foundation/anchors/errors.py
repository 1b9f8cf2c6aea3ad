"""What can be wrong with a holder of heads."""

from __future__ import annotations

from safehold.kernel.errors import SafeholdError

__all__ = ["Contradicted"]


class Contradicted(SafeholdError):
    """Somebody outside holds a head of this log that contradicts what is stored."""

    code = "anchor-contradicted"
    status = 500

    def __init__(self, message: str, theirs: int) -> None:
        super().__init__(message)
        self.theirs = theirs
