"""AUD-9: what is asked for in a workspace is counted, and nothing but its kind is kept.

A made-up member of a canary asks for things by the whole of the middleware, with words in the address that must not be
kept, and what was counted is written and looked at. All of it is undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.core.handlers.base import BaseHandler
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.urls import resolve

from safehold.foundation.access.matrix import Role
from safehold.foundation.identity import flows as identity
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy
from safehold.foundation.usage import counting, flows, selectors
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["COLUMNS", "use_is_counted_and_nothing_else"]

COLUMNS = ["count", "day", "route", "tenant_id"]
"""All that there is room for. Whoever adds a column has to say here what it may hold."""

_ROOM = "safehold.foundation.usage"
_ADDRESS = "192.0.2.77"
_LIST = "/api/v1/members"


@dataclass(frozen=True, slots=True)
class _Visitor:
    """A made-up member, and what of theirs must be found nowhere."""

    member_id: UUID
    account_id: UUID
    email: str
    token: str
    needle: str

    @property
    def traces(self) -> list[str]:
        return [str(self.member_id), str(self.account_id), self.email, self.token, self.needle, _ADDRESS]


def use_is_counted_and_nothing_else(probe: ProbeContext) -> Finding:
    """Ask for a list, for one member and for something that is refused; look at what came to stand in the table."""
    inside = tenancy.system_scope(probe.left, "prove")
    with _undone(tenancy.platform_scope("prove")) as platform:
        visitor = _visitor(platform, inside)
        before = _counted(inside)
        with counting.apart() as counter:
            answers = _ask(visitor)
        try:
            with scoped(inside):
                for counted in counter.take().values():
                    flows.add_counts(scope=inside, counted=counted)
        except DatabaseError as error:
            return broken("The table refused what was counted.", error=type(error).__name__, answers=answers)
        after = _counted(inside)
        grown = {route: number - before.get(route, 0) for route, number in after.items() if number != before.get(route)}
        rows, columns = _rows(inside)
    return _judge(visitor, answers, grown, rows, columns)


def _judge(
    visitor: _Visitor, answers: dict[str, int], grown: dict[str, int], rows: list[str], columns: list[str]
) -> Finding:
    expected = {f"GET /{_pattern(_LIST)}": 2, f"GET /{_pattern(f'{_LIST}/{visitor.member_id}')}": 1}
    evidence = {"counted": grown, "answers": list(answers.values()), "rows_read": len(rows), "columns": columns}
    if columns != COLUMNS:
        return broken("The table of counts has room for more than counts.", **evidence)
    if found := [row for row in rows if any(trace in row for trace in visitor.traces)]:
        return broken("What was asked for is kept with more than its kind.", found=len(found), **evidence)
    if grown != expected:
        return broken("Page views and actions aren't counted as they were made.", expected=expected, **evidence)
    return kept(
        "Requests of a member were counted by day and kind of page, a refused one wasn't, and neither who asked nor "
        "what for is in any row.",
        **evidence,
    )


def _ask(visitor: _Visitor) -> dict[str, int]:
    """The status of each answer. The last isn't there, so it is refused."""
    handler = BaseHandler()
    handler.load_middleware()
    paths = (
        _LIST,
        f"{_LIST}?after={new_id()}&needle={visitor.needle}",
        f"{_LIST}/{visitor.member_id}?needle={visitor.needle}",
        f"{_LIST}/{new_id()}",
    )
    answers = {}
    for path in paths:
        headers = {"authorization": f"Bearer {visitor.token}"}
        request = RequestFactory(SERVER_NAME="localhost", REMOTE_ADDR=_ADDRESS).get(path, headers=headers, secure=True)
        answers[path] = handler.get_response(request).status_code
    return answers


def _pattern(path: str) -> str:
    return resolve(path).route


def _visitor(platform: Scope, inside: Scope) -> _Visitor:
    needle = f"needle-{new_id().hex}"
    email = f"probe-{new_id().hex[-12:]}@canary.invalid"
    account = identity.create_account(scope=platform, email=email, name="Probe Canary", password=None)
    with scoped(inside):
        invited = tenancy_flows.invite_member(scope=inside, email=email, role=Role.MANAGER.value)
        tenancy_flows.join_member(
            scope=inside, member_id=invited.id, account_id=account.id, email=email, name="Probe Canary"
        )
        own = tenancy.scope_of_member(scope=inside, member_id=invited.id)
    with scoped(own):
        _, token = identity.issue_token(scope=own, name="probe", days=1)
    return _Visitor(invited.id, account.id, email, token, needle)


def _counted(inside: Scope) -> dict[str, int]:
    with scoped(inside):
        return {row.route: row.count for row in selectors.counts(scope=inside, first=now().date(), last=now().date())}


def _rows(inside: Scope) -> tuple[list[str], list[str]]:
    """Every row of the tenant as text, and the table's columns."""
    parts = sql_parts(_ROOM, "statements.sql")
    with scoped(inside), connection.cursor() as cursor:
        cursor.execute(parts["as_text"], {"tenant": inside.tenant})
        rows = [text for (text,) in cursor.fetchall()]
        cursor.execute(parts["columns"])
        return rows, [name for (name,) in cursor.fetchall()]


@contextmanager
def _undone(scope: Scope) -> Iterator[Scope]:
    with scoped(scope), transaction.atomic():
        try:
            yield scope
        finally:
            transaction.set_rollback(True)
