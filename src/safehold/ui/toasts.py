"""Short notices after an action: Django's messages, with an Undo where the action has a real inverse."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

__all__ = ["done", "undo_url", "warn"]

_UNDO = "undo="


def done(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Say that something was done; `undo` is the address that a POST takes it back at."""
    messages.success(request, text, extra_tags=f"{_UNDO}{undo}" if undo else "", fail_silently=True)


def warn(request: HttpRequest, text: str) -> None:
    """Say that something needs a second look."""
    messages.warning(request, text, fail_silently=True)


def undo_url(extra_tags: str | None) -> str:
    """The undo address that `done` left in a message's tags, or nothing."""
    tags = extra_tags or ""
    return tags.removeprefix(_UNDO) if tags.startswith(_UNDO + "/") else ""
