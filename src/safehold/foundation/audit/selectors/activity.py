"""The activity of a scope: lists with filters and a cursor, single events, and their words.

Whoever may read the activity sees its personal values too; nobody else sees anything of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit.models import Event, Leaf
from safehold.foundation.audit.moments import first_id, micros, moment
from safehold.foundation.audit.personal import Personal, open_personal
from safehold.foundation.audit.registry import event_type, event_types
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel import auditevent, merkle
from safehold.kernel.auditevent import FROM
from safehold.kernel.canonical import Scalar
from safehold.kernel.errors import Invalid, NotFound, Problem, SafeholdError, Tampered

__all__ = [
    "Activity",
    "Filters",
    "Page",
    "activity",
    "event",
    "event_types_seen",
    "filtered",
    "happened",
    "may_read",
    "render",
    "with_places",
]

_FIRST, _LATER = datetime(1970, 1, 2, tzinfo=UTC), datetime(1980, 1, 1, tzinfo=UTC)
"""Before any event, however a question is dated."""
_SPANS = (timedelta(days=35), timedelta(days=400), None)
"""How far back a list looks at first, and then, and then: to the beginning."""
_APART: Final = timedelta(hours=3)
"""More than the moment in an event's id and the one that it states can differ."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. `since` is the first moment, `until` the first one after; `text` is looked for in the bytes."""

    actor: str = ""
    type: str = ""
    on: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    security: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """One event, for people. `index`, `digest` and `chain` are its sealed place, None while it waits for one.

    `personal` has None for a value that was erased on request. `sound` is False where the stored row contradicts the
    hashed bytes, which then are what counts, or where a personal value is not the one that was committed to.
    """

    id: UUID
    at: datetime
    type: str
    actor: str
    on: str
    fields: Mapping[str, Scalar]
    personal: Mapping[str, str | None]
    body: bytes
    sound: bool
    index: int | None = None
    digest: bytes = b""
    chain: bytes = b""

    @property
    def address(self) -> str:
        """From where it was done, if known."""
        return self.personal.get(FROM) or ""

    @property
    def address_erased(self) -> bool:
        """Whether it was known from where, and that was erased on request."""
        return FROM in self.personal and self.personal[FROM] is None

    @property
    def sentence(self) -> str:
        """What was done, in words that follow the name of who did it."""
        return render(self.type, self.on, self.fields, self.personal)

    @property
    def security(self) -> bool:
        """Whether it belongs on the security view."""
        found = event_type(self.type)
        return found is not None and found.security


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `next` is the cursor of the one after, "" at the end."""

    events: Sequence[Activity] = field(default_factory=tuple)
    next: str = ""


def render(name: str, on: str, fields: Mapping[str, Scalar], personal: Mapping[str, str | None] | None = None) -> str:
    """The sentence of an event type, filled in; the type's name where this release doesn't know it."""
    found = event_type(name)
    if found is None:
        return name
    erased = {key: "(erased on request)" if value is None else value for key, value in (personal or {}).items()}
    words = {key: "nothing" if value is None else value for key, value in fields.items()}
    return found.sentence.format_map(_Lenient({**words, **erased, "on": on}))


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"({key})"


def may_read(scope: Scope) -> None:
    """Raise `Denied` unless the scope may read its log."""
    if scope.kind is not Kind.PLATFORM:
        scope.require(Permission.ACTIVITY_READ)


def activity(*, scope: Scope, filters: Filters | None = None, cursor: str = "", limit: int = 50) -> Page:
    """The newest events that fit, newest first; `cursor` is the `next` of the page before."""
    may_read(scope)
    filters = filters or Filters()
    rows, newest = filtered(scope, filters), clock.now()
    if filters.until:
        newest = min(newest, _aware(filters.until))
    if cursor:
        at, event_id = _read_cursor(cursor)
        rows, newest = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=event_id), at__lte=at), min(at, newest)
    oldest = max(_aware(filters.since), _FIRST) if filters.since else _FIRST
    found = _newest(rows, scope.log_id, max(newest, _LATER), oldest, limit + 1)
    more = len(found) > limit
    shown = found[:limit]
    last = f"{micros(shown[-1].at)}-{shown[-1].id}" if more else ""
    return Page(with_places(scope, shown), last)


def _newest(rows: QuerySet[Event], log: UUID, newest: datetime, oldest: datetime, count: int) -> list[Event]:
    """The newest of these rows. Events lie in parts by the month, which ids lead to, and few pages need more than two.

    So it looks into the last weeks first, further back where they hold too little, and no further than the log goes.
    """
    found: list[Event] = []
    end = newest + _APART
    for span in _SPANS:
        start = max(newest - span, oldest) if span else oldest
        ids = {"id__gte": first_id(start - _APART), "id__lt": first_id(end + _APART)}
        part = rows.filter(at__gte=start, at__lt=end, **ids).order_by("-at", "-id")
        found += part[: count - len(found)]
        if len(found) >= count or start <= oldest or _begins_after(log, start):
            break
        end = start
    return found


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _begins_after(log: UUID, moment: datetime) -> bool:
    """Whether the log has no event from before a moment: its first place tells, whether or not its event was purged."""
    first = Leaf.objects.filter(tenant_id=log, index=0).values_list("event_id", flat=True).first()
    return first is None or first >= first_id(moment)


def event(*, scope: Scope, event_id: UUID) -> Activity:
    """One event of the scope's log."""
    may_read(scope)
    row = Event.objects.filter(tenant_id=scope.log_id, id=event_id).first()
    if row is None:
        raise NotFound("There is no such event.")
    return with_places(scope, [row])[0]


def happened(*, scope: Scope, event_type: str, since: datetime) -> bool:
    """Whether the one who acts has left an event of this type in the scope's log since a moment."""
    may_read(scope)
    return filtered(scope, Filters(actor=scope.actor, type=event_type, since=since)).exists()


def event_types_seen() -> list[str]:
    """The names of every event type, for a filter to offer."""
    return list(event_types())


def filtered(scope: Scope, filters: Filters) -> QuerySet[Event]:
    """The rows of the scope's log that fit. Ids are UUIDv7, so a period bounds them too, and with them what is read."""
    rows = Event.objects.filter(tenant_id=scope.log_id)
    for column, value in (("actor", filters.actor), ("type", filters.type), ("target", filters.on)):
        if value:
            rows = rows.filter(**{column: value})
    if filters.since:
        rows = rows.filter(at__gte=_aware(filters.since))
    if filters.until:
        rows = rows.filter(at__lt=_aware(filters.until))
    if filters.security:
        rows = rows.filter(type__in=[one.name for one in event_types().values() if one.security])
    if filters.text:
        text = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())
        rows = rows.annotate(text=text).filter(text__icontains=filters.text)
    return rows


def _id_at(at: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    milliseconds = min(max(micros(at) // 1000, 0), (1 << 48) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62)


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    at, _, event_id = cursor.partition("-")
    try:
        return moment(int(at)), UUID(event_id)
    except (ValueError, OverflowError):
        problem = Problem("cursor", "one that a page before gave", cursor[:60])
        raise Invalid("This page can't be found.", problems=(problem,)) from None


def with_places(scope: Scope, rows: Sequence[Event]) -> list[Activity]:
    """These rows as people see them, with their places in the log."""
    ids = [row.id for row in rows]
    places = {leaf.event_id: leaf for leaf in Leaf.objects.filter(tenant_id=scope.log_id, event_id__in=ids)}
    opened = _opened(scope.log_id, rows)
    return [_shown(row, places.get(row.id), opened.get(row.id, {} if not row.personal else None)) for row in rows]


def _opened(log: UUID, rows: Iterable[Event]) -> dict[UUID, Mapping[str, Personal]]:
    """The personal values of each event; one event's that don't open are left out, and don't hide the others'."""
    sealed = [(row.id, bytes(row.personal)) for row in rows if row.personal]
    try:
        opened = open_personal(log, sealed)
    except SafeholdError:
        return {row[0]: values for row in sealed if (values := _opened_one(log, row)) is not None}
    return {event_id: values for (event_id, _), values in zip(sealed, opened, strict=True)}


def _opened_one(log: UUID, row: tuple[UUID, bytes]) -> Mapping[str, Personal] | None:
    try:
        return open_personal(log, [row])[0]
    except SafeholdError:
        return None


def _committed(said: auditevent.Event, opened: Mapping[str, Personal]) -> bool:
    """Whether the values that stand beside an event are those it committed to."""
    try:
        for name, one in opened.items():
            auditevent.verify_opening(said, name, one.value, one.salt)
    except Tampered:
        return False
    return True


def _shown(row: Event, leaf: Leaf | None, opened: Mapping[str, Personal] | None) -> Activity:
    body = bytes(row.body)
    try:
        said = auditevent.decode(body)
    except Tampered:
        said = auditevent.Event(row.id, "", micros(row.at), row.type, row.actor, row.target)
    matches = (said.id, said.at, said.type, said.actor, said.on) == (
        *(row.id, micros(row.at), row.type, row.actor),
        row.target,
    )
    digest = merkle.leaf_hash(body)
    return Activity(
        id=row.id,
        at=moment(said.at),
        type=said.type,
        actor=said.actor,
        on=said.on,
        fields=said.fields,
        personal={name: opened[name].value if opened and name in opened else None for name in said.personal},
        body=body,
        sound=bool(said.log)
        and matches
        and (leaf is None or bytes(leaf.digest) == digest)
        and opened is not None
        and _committed(said, opened),
        index=leaf.index if leaf else None,
        digest=digest,
        chain=bytes(leaf.chain) if leaf else b"",
    )
