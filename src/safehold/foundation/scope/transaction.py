"""Transactions that carry a scope. Outside of one, nothing of a tenant's is read or written: the database raises."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from time import time
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from safehold.foundation.scope.backend.base import DatabaseWrapper
from safehold.foundation.scope.errors import NoScope
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.errors import Denied
from safehold.kernel.ticket import Signer, Ticket

__all__ = [
    "BEGIN_WITHIN",
    "STAFF_LOGIN",
    "apart_is_undone",
    "current_scope",
    "rebind",
    "run_apart",
    "scoped",
    "ticket_for",
]

BEGIN_WITHIN = 30
"""Seconds within which a transaction must have begun to take a ticket made now. A transaction already open keeps it for
as long as it runs; a copied ticket is soon worth nothing, even to the backend it was made for."""

STAFF_LOGIN = "staff"
"""The alias of the connection that staff scopes run on: another login, which reads what a grant opens and no more."""

P = ParamSpec("P")
T = TypeVar("T")


def scoped(scope: Scope) -> AbstractContextManager[Scope]:
    """One transaction bound to `scope`: committed at the end, rolled back when an error leaves it.

    Inside another, it is a savepoint bound to `scope`; afterwards the outer scope holds again, whatever happened.

    A scope of the staff kind runs on a login of its own, in a transaction of its own; while it is open, that login's
    connection stands in the place of this thread's usual one, so that every statement goes there by nature. Scopes of
    other kinds that are opened inside go back to the usual one, where no tenant can be reached.
    """
    return _Scoped(scope)


class _Scoped(AbstractContextManager[Scope]):
    """`scoped`, written out as a class because every request passes here: a generator takes half as long again."""

    __slots__ = ("atomic", "connection", "outer", "scope", "usual")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __enter__(self) -> Scope:
        self.connection = _connection()
        self.usual: DatabaseWrapper | None = None
        if (self.scope.kind is Kind.STAFF) is not (self.connection.alias == STAFF_LOGIN):
            self.usual, self.connection = self.connection, _other_login(self.connection, self.scope)
            connections[DEFAULT_DB_ALIAS] = self.connection
        self.outer = self.connection.scope
        self.atomic = transaction.Atomic(DEFAULT_DB_ALIAS, savepoint=True, durable=False)
        try:
            self.atomic.__enter__()
        except BaseException:
            self._back()
            raise
        try:
            _bind(self.connection, self.scope)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self.scope

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        connection = self.connection
        try:
            # A savepoint that is rolled back restores the setting by itself; one that is released doesn't.
            if kind is None and connection.savepoint_ids and not connection.needs_rollback:
                _bind(connection, self.outer)
            if kind is None and connection.closed_in_transaction:
                _say_lost()
        except BaseException as failure:
            kind, error, at = type(failure), failure, failure.__traceback__
            raise
        finally:
            connection.scope = self.outer
            try:
                self.atomic.__exit__(kind, error, at)
            finally:
                self._back()

    def _back(self) -> None:
        """Put this thread's connection of before back in its place; nobody inherits one of the staff's login."""
        if self.usual is not None:
            connections[DEFAULT_DB_ALIAS] = self.usual
            if self.connection.alias == STAFF_LOGIN and not self.connection.in_atomic_block:
                self.connection.close()


def _other_login(present: DatabaseWrapper, scope: Scope) -> DatabaseWrapper:
    """The connection that `scope` runs on while `present`, of another login, is in this thread's place."""
    if scope.kind is Kind.STAFF:
        other = connections[STAFF_LOGIN]
        if not isinstance(other, DatabaseWrapper):
            raise NoScope("The database engine has to be safehold.foundation.scope.backend.")
        other.beneath = present
        return other
    if scope.kind is Kind.TENANT:
        raise Denied("Inside support access nothing opens a workspace but the grant.")
    return cast("DatabaseWrapper", present.beneath)


def rebind(scope: Scope) -> None:
    """Go on under another scope in the open transaction: after finding out who somebody is, for one."""
    connection = _connection()
    if connection.scope is None:
        raise NoScope("There is no scoped transaction to rebind.")
    if (scope.kind is Kind.STAFF) is not (connection.alias == STAFF_LOGIN):
        raise NoScope("Support access runs on a login of its own: open it with scoped().")
    _bind(connection, scope)


def current_scope() -> Scope:
    """The scope of the open transaction. Raises `NoScope` outside of one."""
    scope = _connection().scope
    if scope is None:
        raise NoScope
    return scope


def run_apart(scope: Scope, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a transaction of its own under `scope` that stays when the present one is rolled back.

    It has its own thread and its own connection, outside the pool: were it taken from the pool, as many requests as the
    pool has connections could each wait for one more, for ever. It waits for no lock that the present transaction holds
    longer than the role's lock time-out.
    """
    if _apart_is_undone.get():
        with scoped(scope):
            return work(*args, **kwargs)
    outcome: list[T] = []
    failure: list[BaseException] = []

    def apart() -> None:
        connections[DEFAULT_DB_ALIAS] = _unpooled()
        try:
            with scoped(scope):
                result = work(*args, **kwargs)
            outcome.append(result)
        except BaseException as error:  # noqa: BLE001  (handed to the caller's thread, which raises it)
            failure.append(error)
        finally:
            connections[DEFAULT_DB_ALIAS].close()

    thread = threading.Thread(target=apart, name="safehold-apart")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


_apart_is_undone: ContextVar[bool] = ContextVar("safehold_apart_is_undone", default=False)


@contextmanager
def apart_is_undone() -> Iterator[None]:
    """Inside, what would run apart runs in the open transaction and is undone with it: for probes, and nothing else."""
    before = _apart_is_undone.set(True)
    try:
        yield
    finally:
        _apart_is_undone.reset(before)


def ticket_for(scope: Scope, *, backend: int, now: float) -> str:
    """The signed ticket that binds `scope` on one backend, for transactions begun until `BEGIN_WITHIN` after now."""
    role = scope.role
    name = role._value_ if role else ""  # `value` takes a Python call, and every transaction comes here
    begin_by = int(now) + BEGIN_WITHIN
    return _signer().sign(
        Ticket(scope.kind._value_, scope.tenant_id, scope.account_id, backend, begin_by, name, scope.departments)
    )


def _bind(connection: DatabaseWrapper, scope: Scope | None) -> None:
    text = ticket_for(scope, backend=connection.backend(), now=time()) if scope else ""
    connection.bind(text)
    connection.scope = scope


def _say_lost() -> None:
    raise OperationalError("the connection was closed before its transaction ended: nothing of it was kept")


@cache
def _signer() -> Signer:
    return Signer(settings.SAFEHOLD.secret("ticket.key"))


def _connection() -> DatabaseWrapper:
    connection = connections[DEFAULT_DB_ALIAS]
    if not isinstance(connection, DatabaseWrapper):
        raise NoScope("The database engine has to be safehold.foundation.scope.backend.")
    return connection


def _unpooled() -> Any:
    """A connection of its own for the calling thread, with the settings of the default one but no pool."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    options = {key: value for key, value in connection.settings_dict["OPTIONS"].items() if key != "pool"}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    return connection
