"""What can go wrong in identity."""

from __future__ import annotations

from safehold.kernel.errors import Conflict, Denied, NotFound, NotSignedIn, TooMany

__all__ = ["AlreadyAccepted", "InvitationGone", "SecondFactorNeeded", "Slowed", "TokenRefused"]


class SecondFactorNeeded(Denied):
    """Your role needs a second factor. Set one up first."""

    code = "second-factor-needed"


class TokenRefused(NotSignedIn):
    """This token is unknown, ended or was revoked."""

    code = "token-refused"


class InvitationGone(NotFound):
    """This invitation was used, replaced or has run out. Ask for a new one."""

    code = "invitation-gone"


class AlreadyAccepted(Conflict):
    """This account already belongs to the workspace."""

    code = "already-accepted"


class Slowed(TooMany):
    """Too many tries. Wait a quarter of an hour, then try again."""

    def __init__(self, what: str, *, first: bool) -> None:
        super().__init__()
        self.what = what
        self.first = first
        """Whether this is the first try of the window to be refused: the one that is worth an event."""
