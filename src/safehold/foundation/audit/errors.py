"""Mistakes in how the log is used. They are programmers' errors: no user's input leads to one."""

from __future__ import annotations

__all__ = ["EventMisuseError"]


class EventMisuseError(TypeError):
    """An event that its type doesn't allow: unregistered, or with a field too many or too few."""
