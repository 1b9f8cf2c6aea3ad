"""Every way there is to read records, as the faces take them: list, detail, search, sort, filter, history, CSV, API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, Invalid, NotFound
from safehold.workspace.records import canary, flows, selectors
from safehold.workspace.records.answers import change_out, collection_out, record_out
from safehold.workspace.records.exporting import csv_chunks
from safehold.workspace.records.filters import Filter, Op, Query

__all__ = ["Answer", "Way", "about", "by_id", "everywhere", "scope_of", "tried"]

Way = tuple[str, Callable[[Scope], object]]
"""What it is called, and what it gives to a scope: something that `repr` shows whole."""

KEY = canary.COLLECTION


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of trying a way: all of its text, whether it found anything, or how it was refused."""

    text: str
    found: bool
    refusal: str = ""


def tried(scope: Scope, way: Way) -> Answer:
    """Try one way in a transaction of its own. A refusal is an answer too; anything else that goes wrong is raised."""
    try:
        with scoped(scope):
            given = way[1](scope)
    except (NotFound, Denied, Invalid) as error:
        problems = error.problems if isinstance(error, Invalid) else ()
        return Answer(" ".join([error.message, error.hint, *map(str, problems)]), found=False, refusal=error.code)
    return Answer(repr(given), found=bool(given))


def scope_of(tenant_id: UUID, role: Role, departments: tuple[int, ...] | None = None) -> Scope:
    """A scope as a member of a canary tenant with this role has it."""
    reach = tenancy.system_scope(tenant_id, "prove").departments if departments is None else departments
    return Scope(Kind.TENANT, actor="system:prove", tenant_id=tenant_id, role=role, departments=reach)


def everywhere() -> list[Way]:
    """The ways that ask for no record in particular."""
    return [
        ("list", lambda scope: _listed(scope, Query())),
        ("trash", lambda scope: _listed(scope, Query(deleted=True))),
        ("export", lambda scope: "".join(csv_chunks(selectors.collection(scope, KEY), _chunks(scope)))),
        ("API list", lambda scope: _json([record_out(each) for each in _listed(scope, Query())])),
        ("API collection", lambda scope: _json(collection_out(selectors.collection(scope, KEY), {}))),
        ("suggestions", lambda scope: selectors.suggestions(scope, KEY, "")),
    ]


def about(key: str, value: str) -> list[Way]:
    """The ways that name a field and its value: who may not see the field must find nothing, as if there were none."""
    queries = {
        f"search for the value of {key}": Query(q=value),
        f"search for the beginning of the value of {key}": Query(q=value[:12]),
        f"filter by {key}": Query(filters=(Filter(key, Op.IS, value),)),
        f"filter by {key} not empty": Query(filters=(Filter(key, Op.EMPTY, "no"),)),
        f"sort by {key}": Query(sort=key),
        f"sort down by {key}": Query(sort=f"-{key}"),
    }
    return [(name, lambda scope, query=query: _listed(scope, query)) for name, query in queries.items()]  # type: ignore[misc]  # mypy can't infer a lambda with a default


def by_id(record_id: UUID) -> list[Way]:
    """The ways that ask for one record."""
    return [
        ("detail", lambda scope: selectors.record(scope, KEY, record_id)),
        ("detail by id alone", lambda scope: selectors.find_record(scope, record_id)),
        ("history", lambda scope: selectors.history(scope, KEY, record_id)),
        ("search for the id", lambda scope: _listed(scope, Query(q=str(record_id)))),
        ("what it is called", lambda scope: selectors.named(scope, [record_id])),
        ("API detail", lambda scope: _json(record_out(selectors.record(scope, KEY, record_id)))),
        ("API history", lambda scope: _json([change_out(each) for each in selectors.history(scope, KEY, record_id)])),
        ("edit", lambda scope: _edited(scope, record_id)),
    ]


def _edited(scope: Scope, record_id: UUID) -> object:
    """What an editor gets back; nothing is changed, since nothing is given."""
    return flows.edit_record(scope=scope, collection=KEY, record_id=record_id, version=2, values={})


def _listed(scope: Scope, query: Query) -> tuple[selectors.RecordView, ...]:
    return selectors.records(scope, KEY, query).records


def _chunks(scope: Scope) -> Iterator[tuple[selectors.RecordView, ...]]:
    return selectors.records_in_chunks(scope, KEY, Query())


def _json(answer: object) -> str:
    return json.dumps(answer, default=str, ensure_ascii=False)
