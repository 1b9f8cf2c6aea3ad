"""The engine: binds the scope's ticket in the same message as BEGIN, and leaves nothing in the session after COMMIT."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base, features
from django.utils.functional import cached_property
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus

from safehold.foundation.scope.scope import Scope

__all__ = ["DatabaseFeatures", "DatabaseWrapper"]

# What a session keeps beyond a transaction: settings, cursors WITH HOLD, subscriptions, prepared statements, advisory
# locks, the last values of sequences. DISCARD ALL would do, but not in one message with the end of a transaction.
_CLEAN = (
    b"RESET ALL; CLOSE ALL; UNLISTEN *; DEALLOCATE ALL; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD SEQUENCES"
)
_COMMIT = b"COMMIT; " + _CLEAN
_ROLLBACK = b"ROLLBACK; " + _CLEAN
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
_ENDED = "a statement of this transaction ended it before its time, so what followed was bound to nothing"
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class DatabaseFeatures(features.DatabaseFeatures):
    """What the server can do with our tables."""

    # Their primary keys are led by the tenant (sql/003_protect.sql, close_conflicts), so that the server doesn't take
    # the other columns of a row for settled when a query groups by what Django holds for the key.
    allows_group_by_selected_pks = False


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows the scope of its open transaction.

    `scope` is None outside scoped transactions. The ticket is sent by libpq's plain query function, past Django's and
    psycopg's cursors, so that no query log and no error message can hold it.
    """

    features_class = DatabaseFeatures
    scope: Scope | None = None
    _bound = False  # whether the transaction that is open for us has been given a ticket, or "" for none
    beneath: DatabaseWrapper | None = None
    """On the staff's login: the connection in whose place this one stands."""

    def bind(self, ticket: str) -> None:
        """Give the transaction this ticket; where Django has begun one and the server hasn't yet, begin it too.

        With "" the transaction is bound to nothing. The setting ends with the transaction, or with the savepoint it was
        made in. Raises OperationalError, without saying what was sent.
        """
        self._send(f"SET LOCAL safehold.ticket = '{ticket}'")

    def backend(self) -> int:
        """The process id of the backend that serves this transaction.

        Behind a pooler the id that libpq knows is the pooler's, so the server is asked, and the answer holds until the
        transaction ends.
        """
        if self.connection is None:
            self.ensure_connection()
        if not self._pooled:
            return int(self.connection.pgconn.backend_pid)
        return int(self._send("SELECT pg_catalog.pg_backend_pid()").get_value(0, 0))

    @cached_property
    def _pooled(self) -> bool:
        from django.conf import settings  # noqa: PLC0415  (an engine is loaded while settings are)

        return bool(settings.SAFEHOLD.pooled)

    def _send(self, statement: str) -> Any:
        """Run a statement of ours in the open transaction, in one message with BEGIN where that is still to come."""
        if self.connection is None:
            self.ensure_connection()
        pgconn = self.connection.pgconn
        idle = pgconn.transaction_status == TransactionStatus.IDLE
        if idle and self._bound:
            raise OperationalError(_ENDED)
        begin = "BEGIN; " if idle else ""
        try:
            result = pgconn.exec_(f"{begin}{statement}".encode())
        except psycopg.Error:
            raise OperationalError("the connection was lost before the transaction was bound to its scope") from None
        if result.status not in _DONE:
            state = (result.error_field(DiagnosticField.SQLSTATE) or b"connection lost").decode()
            raise OperationalError(f"the transaction could not be bound to its scope ({state})")
        self._bound = True
        return result

    def _commit(self) -> None:
        """COMMIT, and in the same message put the session back to what the role starts with.

        Whatever was set or left inside, by us or by somebody who got SQL past us, doesn't reach the connection's next
        borrower.
        """
        pgconn = self.connection.pgconn
        status, bound = pgconn.transaction_status, self._bound
        self._bound = False
        if status == TransactionStatus.IDLE:
            if bound:
                raise OperationalError(_ENDED)
            return
        if status == TransactionStatus.INERROR:
            # The server would answer COMMIT with a quiet ROLLBACK, and what was said to be kept would be lost.
            raise OperationalError("a statement of this transaction failed, so nothing of it could be kept")
        self._finish(_COMMIT)

    def _rollback(self) -> None:
        """ROLLBACK, and clean the session likewise: a statement that ended the transaction could have left things."""
        self._bound = False
        if self.connection is None:
            return
        status = self.connection.pgconn.transaction_status
        if status == TransactionStatus.IDLE:
            self._finish(_CLEAN)
        elif status in _OPEN:
            self._finish(_ROLLBACK)
        else:
            super()._rollback()  # type: ignore[misc]  # not in the stubs; raises: the connection is lost

    def _finish(self, statements: bytes) -> None:
        with self.wrap_database_errors:
            result = self.connection.pgconn.exec_(statements)
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)

    def _close(self) -> None:
        """Give the connection back; one whose transaction was never ended is closed for good, with all it holds."""
        self._bound = False
        if self.connection is not None and self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self.connection.close()
        super()._close()  # type: ignore[misc]  # not in the stubs
