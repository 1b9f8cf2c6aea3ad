"""Which request, job or command a thread works on: a short random word that its log lines and its error page carry."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from typing import Final

__all__ = ["REFERENCE", "begin", "current"]

REFERENCE: Final = re.compile(r"[0-9a-f]{12}")
_present: ContextVar[str] = ContextVar("safehold_reference", default="")


def begin() -> str:
    """Begin something new in this thread: a reference of its own from now on."""
    reference = secrets.token_hex(6)
    _present.set(reference)
    return reference


def current() -> str:
    """The reference of what this thread is at, or nothing."""
    return _present.get()
