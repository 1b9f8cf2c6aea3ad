"""Django's session engine over `flows.sessions`: the cookie's value is known to the browser alone.

Before the session's scope is open (a management command, say) there is nothing to read; a request always has one.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError

from safehold.foundation.identity.flows import sessions as flows
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import current_scope, scoped

__all__ = ["SessionStore"]


class SessionStore(SessionBase):
    """One browser's session. `origin` is set by the middleware, for the owner's list of sessions."""

    origin = flows.Origin()

    @property
    def key_hash(self) -> str:
        """What is stored of this session's key; empty while there is none."""
        return flows.key_hash(self.session_key) if self.session_key else ""

    def begin(self, limits: str) -> None:
        """Count the session's life from now, under one of SESSION_LIMITS: its holder has just signed in."""
        self[flows.BEGAN] = now().timestamp()
        self[flows.LIMITS] = limits

    def bind_to(self, limits: str) -> None:
        """Go on under another of SESSION_LIMITS, counted from the same moment: a stricter role was taken."""
        self[flows.LIMITS] = limits

    def load(self) -> dict[str, Any]:
        """The session's data; an empty session under a new key where it has ended."""
        data = flows.open_session(scope=current_scope(), key=self.session_key) if self.session_key else None
        if data is None:
            self._session_key = None
        return data or {}

    def exists(self, session_key: str) -> bool:
        """Whether that key is taken. 190 random bits never are."""
        return False

    def create(self) -> None:
        """Take a fresh key and store what there is under it."""
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # Django's, untyped
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Store the data; UpdateError where the session was ended meanwhile, by its owner or by what it rests on."""
        if self.session_key is None:
            self.create()
            return
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # the same
        stored = flows.store_session(
            scope=current_scope(), key=self.session_key, data=data, origin=self.origin, new=must_create
        )
        if not stored:
            raise CreateError if must_create else UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End the session."""
        key = session_key or self.session_key
        if key:
            flows.delete_session(scope=current_scope(), key=key)

    @classmethod
    def clear_expired(cls) -> None:
        """Drop the rows of sessions that are over."""
        scope = Scope(Kind.SIGN_IN, actor="system:sessions")
        with scoped(scope):
            flows.forget_ended_sessions(scope=scope)
