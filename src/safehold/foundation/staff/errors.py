"""What can go wrong with staff and their grants."""

from __future__ import annotations

from safehold.kernel.errors import Conflict, Denied

__all__ = ["AlreadyOpen", "NotWaiting", "OnlyReading", "SupportEnded"]


class OnlyReading(Denied):
    """Support access only reads: nothing was changed."""

    code = "support-only-reads"


class SupportEnded(Denied):
    """Your support access to this workspace has ended."""

    code = "support-ended"


class NotWaiting(Conflict):
    """This request isn't waiting for a decision any more."""

    code = "support-not-waiting"


class AlreadyOpen(Conflict):
    """There is a request for this workspace already that is open or waiting. End it first."""

    code = "support-already-open"
