"""The engine: binds the scope's ticket in the same message as BEGIN, and leaves nothing in the session after COMMIT."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base, features
from psycopg.pq import ExecStatus, TransactionStatus

from safehold.foundation.scope.scope import Scope

__all__ = ["DatabaseFeatures", "DatabaseWrapper"]

_COMMIT = "COMMIT; RESET ALL"


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

    @property
    def in_transaction(self) -> bool:
        """Whether the server has an open transaction on this connection."""
        return self.connection is not None and self._status() != TransactionStatus.IDLE

    def bind(self, ticket: str) -> None:
        """Give the transaction this ticket; where Django has begun one and the server hasn't yet, begin it too.

        With "" the transaction is bound to nothing. The setting ends with the transaction, or with the savepoint it was
        made in. Raises OperationalError, without saying what was sent.
        """
        setting = f"SET LOCAL safehold.ticket = '{ticket}'"
        self._send(setting if self.in_transaction else f"BEGIN; {setting}")

    def backend(self) -> int:
        """The process id of the backend that serves this transaction.

        Behind a pooler the id that libpq knows is the pooler's, so the server is asked, and the answer holds until the
        transaction ends.
        """
        self.ensure_connection()
        if not self._pooled():
            return int(self.connection.pgconn.backend_pid)
        question = "SELECT pg_catalog.pg_backend_pid()"
        answer = self._send(question if self.in_transaction else f"BEGIN; {question}")
        return int(answer.get_value(0, 0) or 0)

    def _pooled(self) -> bool:
        from django.conf import settings  # noqa: PLC0415  (an engine is loaded while settings are)

        return bool(settings.SAFEHOLD.pooled)

    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.connection.pgconn.transaction_status)

    def _send(self, message: str) -> Any:
        self.ensure_connection()
        with self.wrap_database_errors:
            result = self.connection.pgconn.exec_(message.encode())
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            state = (result.error_field(ord("C")) or b"").decode() or "connection lost"
            raise OperationalError(f"the transaction could not be bound to its scope ({state})")
        return result

    def _commit(self) -> None:
        """COMMIT, and in the same message put every setting of the session back to what the role starts with.

        Whatever was set inside, by us or by somebody who got SQL past us, doesn't reach the connection's next borrower.
        """
        if not self.in_transaction:
            super()._commit()  # type: ignore[misc]  # a private method of Django's, which its stubs leave out
            return
        if self._status() == TransactionStatus.INERROR:
            # The server would answer COMMIT with a quiet ROLLBACK, and what was said to be kept would be lost.
            raise OperationalError("a statement of this transaction failed, so nothing of it could be kept")
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_COMMIT)
