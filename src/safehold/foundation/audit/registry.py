"""Every event type there is, gathered from the `events` modules of the installed apps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from safehold.foundation.audit.errors import EventMisuseError
from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind

__all__ = ["check_use", "event_type", "event_types", "field_kinds"]


@cache
def event_types() -> dict[str, EventType]:
    """Every registered type by its name.

    Raises EventMisuseError where two rooms declare one name: a reader could no longer tell what was meant.
    """
    found: dict[str, EventType] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.events"
        if not config.name.startswith("safehold.") or find_spec(name) is None:
            continue
        for value in vars(import_module(name)).values():
            if isinstance(value, EventType) and found.setdefault(value.name, value) is not value:
                raise EventMisuseError(f"event type {value.name} is declared twice")
    return dict(sorted(found.items()))


@cache
def field_kinds() -> dict[str, dict[str, FieldKind]]:
    """What each plain field of each type holds, as its room says in KINDS; one of which it doesn't isn't there."""
    found: dict[str, dict[str, FieldKind]] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.events"
        if config.name.startswith("safehold.") and find_spec(name) is not None:
            room = import_module(name)
            kinds: dict[str, FieldKind] = getattr(room, "KINDS", {})
            for event in (value for value in vars(room).values() if isinstance(value, EventType)):
                found[event.name] = {name: kinds[name] for name in event.fields if name in kinds}
    return found


def event_type(name: str) -> EventType | None:
    """The type of that name; None for one that an older or newer release wrote."""
    return event_types().get(name)


@cache
def _declared(event: EventType) -> tuple[frozenset[str], frozenset[str]] | None:
    """The plain and the personal fields that `event` declares; None where it isn't registered."""
    if event_types().get(event.name) is not event:
        return None
    return frozenset(event.fields), frozenset(event.personal)


def check_use(event: EventType, fields: Iterable[str], personal: Iterable[str]) -> None:
    """Raise EventMisuseError unless `event` is registered and given exactly the fields that it declares."""
    declared = _declared(event)
    if declared is None:
        raise EventMisuseError(f"event type {event.name} is not registered: declare it in the events.py of its room")
    given = frozenset(fields), frozenset(personal)
    if given != declared:
        wrong = sorted((given[0] ^ declared[0]) | (given[1] ^ declared[1]))
        raise EventMisuseError(f"event type {event.name}: fields missing or undeclared: {', '.join(wrong)}")
