"""Event types: what may be written to a log. An app declares its own in `events.py`; nothing else can be written."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["EventType"]

_NAME = re.compile(r"^[a-z][a-z-]*\.[a-z][a-z-]*$")


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event.

    `name` is `subject.action` ("record.created"); `sentence` says it for people, with `{field}` in braces, and is the
    renderer for pages and exports; `fields` are the plain fields it carries (ids, names of fields, counts: never
    content); `personal` are the fields whose values point to a person: they are kept sealed beside the hashed bytes,
    which hold only a keyed commitment. `security` marks what belongs on the security view.
    """

    name: str
    sentence: str
    fields: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    security: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError(f"event type {self.name!r} is not of the form subject.action")
        if both := set(self.fields) & set(self.personal):
            raise ValueError(f"event type {self.name}: {sorted(both)} can't be both plain and personal")
