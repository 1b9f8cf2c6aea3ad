"""ISO-7: one canary tries to get at the other's file: by asking, with its own keys, and by moving bytes.

What is moved is moved onto a scratch file, made in a transaction that is undone, and removed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from safehold.foundation.keys import canaries
from safehold.foundation.keys.rawscan import Needles, needles_of_texts, scan_chunks
from safehold.foundation.keys.sealing import open_sealed
from safehold.foundation.objects import canary, flows, selectors
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.probes import canary as canary_scope, undone
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import sealedobject
from safehold.kernel.errors import Denied, NotFound, SafeholdError, Tampered
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["files_are_isolated"]


@dataclass(slots=True)
class _Side:
    """A canary with its planted file, and the bytes of that file as they lie in the store."""

    scope: Scope
    object_id: UUID
    key: bytes = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def context(self) -> bytes:
        return selectors.context_for(self.scope.tenant, self.object_id)


@dataclass(slots=True)
class _Tried:
    attempts: int = 0
    through: list[str] = field(default_factory=list)

    def note(self, what: str, *, refused: bool) -> None:
        self.attempts += 1
        if not refused:
            self.through.append(what)


def files_are_isolated(probe: ProbeContext) -> Finding:
    """Each canary reads its own planted file, and gets nothing of the other's in any way that there is."""
    try:
        left, right = _side(probe.left), _side(probe.right)
    except LookupError:
        return unproven("The canaries have no planted file yet, so there was nothing to reach.")
    except SafeholdError as error:
        return broken(f"A canary can't read its own file: {error.message}")
    tried = _Tried()
    for mine, theirs in ((left, right), (right, left)):
        _by_asking(mine, theirs, tried)
        _by_keys(mine, theirs, tried)
        _by_moving(mine, theirs, tried)
        _by_looking(theirs, tried)
    if tried.through:
        return broken(f"{len(tried.through)} attempts got through.", through=tried.through, attempts=tried.attempts)
    return kept(
        f"Each canary read its own file; {tried.attempts} attempts to reach the other's came back with nothing.",
        attempts=tried.attempts,
        planted_bytes=len(canary.planted()),
    )


def _side(tenant_id: UUID) -> _Side:
    scope, store = canary_scope(tenant_id), current_store()
    with scoped(scope):
        view = selectors.find_upload(scope, canary.KIND, canary.UPLOAD_KEY)
        if view is None:
            raise LookupError
        if b"".join(selectors.read(scope, view.id).pieces) != canary.planted():
            raise Tampered
        path = path_of(tenant_id, view.id)
        return _Side(scope, view.id, selectors.key_of(scope, view.id), b"".join(store.read(path, 0, store.size(path))))


def _by_asking(mine: _Side, theirs: _Side, tried: _Tried) -> None:
    """In my scope, their file has to answer exactly as one that isn't there."""
    ways: dict[str, Callable[[UUID], object]] = {
        "find": lambda object_id: selectors.find(mine.scope, object_id),
        "read": lambda object_id: selectors.read(mine.scope, object_id),
        "read a part of": lambda object_id: selectors.read(mine.scope, object_id, start=1, stop=2),
        "remove": lambda object_id: flows.remove(scope=mine.scope, object_id=object_id),
    }
    with undone(mine.scope):
        for name, way in ways.items():
            absent, answer = _answer(way, clock.new_id()), _answer(way, theirs.object_id)
            refused = answer is not None and answer == absent and answer[0] == NotFound.code
            tried.note(f"{name} another tenant's file by its id", refused=refused)


def _answer(way: Callable[[UUID], object], object_id: UUID) -> tuple[str, str, str] | None:
    """How it is refused; None where it isn't."""
    try:
        way(object_id)
    except SafeholdError as error:
        return error.code, error.message, error.hint
    return None


def _by_keys(mine: _Side, theirs: _Side, tried: _Tried) -> None:
    """Their file's bytes, with my file's key; and their file's sealed key, in my scope."""
    tried.note("open another tenant's file with the key of one's own", refused=_is_shut(mine.key, theirs))
    with scoped(theirs.scope):
        sealed_key = selectors.sealed_key_of(theirs.scope, theirs.object_id)
    places = {
        "in its place": selectors.key_place(theirs.scope.tenant, theirs.object_id),
        "in the place of one's own": selectors.key_place(mine.scope.tenant, mine.object_id),
    }
    with undone(mine.scope):
        for name, place in places.items():
            refused = _refuses(lambda place=place: open_sealed(place, sealed_key))  # type: ignore[misc]
            tried.note(f"open the key of another tenant's file, {name}", refused=refused)


def _is_shut(key: bytes, theirs: _Side) -> bool:
    header, length = theirs.raw[: sealedobject.HEADER], len(theirs.raw)
    return _refuses(lambda: b"".join(sealedobject.open_whole(key, theirs.context, [theirs.raw]))) and _refuses(
        lambda: sealedobject.PartReader(key, theirs.context, header, length)
    )


def _by_moving(mine: _Side, theirs: _Side, tried: _Tried) -> None:
    """Their file's bytes, put where a file of mine lies, and read as mine."""
    with undone(mine.scope):
        size = len(canary.planted())
        made = flows.store(
            scope=mine.scope, kind="probe", upload_key=clock.new_id().hex, pieces=_lines(b"scratch\n", size)
        )
        path = path_of(mine.scope.tenant, made.id)
        try:
            current_store().put(path, [theirs.raw])
            refused = _refuses(lambda: b"".join(selectors.read(mine.scope, made.id).pieces))
            refused = refused and _refuses(
                lambda: b"".join(selectors.read(mine.scope, made.id, start=1, stop=9).pieces)
            )
        finally:
            current_store().remove(path)
    tried.note("read another tenant's bytes in the place of a file of one's own", refused=refused)


def _lines(line: bytes, size: int) -> Iterator[bytes]:
    yield (line * (size // len(line) + 1))[:size]


def _by_looking(theirs: _Side, tried: _Tried) -> None:
    """What lies in the store shows nothing of what is in the file."""
    needles = Needles(needles_of_texts({canary.LABEL: canaries.phrase(canary.LABEL)}))
    hits = scan_chunks([theirs.raw], needles, "store")
    tried.note("read a stored file's text without any key", refused=not hits)


def _refuses(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (Tampered, Denied):
        return True
    return False
