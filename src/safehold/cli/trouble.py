"""What goes wrong in ways that no room foresaw, in our words: files, the database, a mistake of ours.

A traceback may hold what people keep here, so it goes to the installation's logs/commands.log and never to a terminal.
"""

from __future__ import annotations

import errno
import getpass
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from safehold.cli.commands import COMMANDS
from safehold.kernel import reference
from safehold.kernel.errors import SafeholdError, Unavailable
from safehold.operations.installation import default_home
from safehold.operations.logs.writing import JsonLines, handler

__all__ = ["in_our_words"]

_START = "Start it: `safehold up`"
_AGAIN = "Run it again when the machine has less to do."
_FULL = {errno.ENOSPC, errno.EDQUOT}
# What a server says while it starts, stops or has ended us; connections that were never made have no code at all.
_AWAY = ("08", "57P")
_SERVER_FULL = "53100"
_BUSY = {"57014", "55P03", "40P01"}  # A statement or a lock took too long, or two waited for each other.


@contextmanager
def in_our_words() -> Iterator[None]:
    """Raise anything that isn't meant for people as a `SafeholdError`, its traceback in the log."""
    try:
        yield
    except (SafeholdError, click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        cause = _from_the_database(error)
        if cause is not None:
            told = _database(cause)
        elif isinstance(error, OSError):
            told = _file(error)
        else:
            told = None
        raise told or _unforeseen(error) from error


def _from_the_database(error: BaseException | None) -> BaseException | None:
    """The driver's error behind this one, if there is one. A command that never loaded the driver can't have it."""
    if "psycopg" not in sys.modules:
        return None
    import psycopg  # noqa: PLC0415 - loaded already

    while error is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__
    return error


def _database(error: BaseException) -> SafeholdError | None:
    code = getattr(error, "sqlstate", None)
    if code == _SERVER_FULL:
        hint = "Make room on it and run this again; nothing that was saved is lost."
        return Unavailable("The disk that holds the database is full.", hint=hint)
    if code in _BUSY:
        return Unavailable("The database took too long over this and gave up; nothing of it was kept.", hint=_AGAIN)
    is_away = code.startswith(_AWAY) if code else type(error).__name__ in {"OperationalError", "PoolTimeout"}
    return Unavailable("The database of this installation can't be reached.", hint=_START) if is_away else None


def _file(error: OSError) -> SafeholdError | None:
    """What is the matter with a file that the error names; an error without one is no matter of files."""
    if error.filename is None:
        full = error.errno in _FULL
        return SafeholdError("The disk is full.", hint="Make room on it and run this again.") if full else None
    name, folder = os.fsdecode(error.filename), Path(os.fsdecode(error.filename)).parent
    if error.errno in _FULL:
        return SafeholdError(f"The disk that holds {name} is full.", hint="Make room on it and run this again.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        hint = f"Give {_user()} leave to, run this as the owner, or name another file."
        return SafeholdError(f"{name} can't be read or written by {_user()}.", hint=hint)
    if error.errno == errno.ENOENT:
        missing = f"The folder {folder}" if not folder.exists() else name
        return SafeholdError(f"{missing} isn't there, and can't be made here.", hint="Make it, or name another.")
    why = os.strerror(error.errno or 0).lower()
    return SafeholdError(f"{name} can't be used: {why}.", hint="Name another file, or mend this one.")


def _user() -> str:
    try:
        return getpass.getuser() if os.geteuid() else "root"
    except (OSError, KeyError):
        return f"user number {os.geteuid()}"


def _unforeseen(error: Exception) -> SafeholdError:
    """A mistake of ours, or a thing nobody thought of: only its kind is told."""
    kind = type(error).__name__
    reference.begin()
    log = _keep(error)
    _leave_event(error)
    hint = f"Its details are in {log} for some minutes; then: `safehold logs --reference {reference.current()}`"
    if log is None:
        hint = "Its details couldn't be kept: this installation has no logs folder."
    return SafeholdError(f"This stopped in a way that nobody foresaw ({kind}).", hint=hint)


def _leave_event(error: Exception) -> None:
    """That a command stopped is an event in the platform's log, where there is one to reach."""
    if "django" not in sys.modules:
        return
    from django.apps import apps  # noqa: PLC0415 - loaded already

    if apps.ready:
        from safehold.foundation.audit.flows import record_failure  # noqa: PLC0415 - as above
        from safehold.foundation.scope.scope import Kind, Scope  # noqa: PLC0415 - as above

        name = next((word for word in sys.argv[1:] if word in COMMANDS), "unknown")
        scope = Scope(Kind.PLATFORM, actor="system:cli")
        record_failure(scope, error, route=f"command {name}", reference=reference.current())


def _keep(error: Exception) -> Path | None:
    """Write the traceback to the log of commands; None where there is no such log."""
    log = default_home() / "logs" / "commands.log"
    if not log.parent.is_dir():
        return None
    taker, logger = handler(str(log)), logging.getLogger(__name__)
    taker.setFormatter(JsonLines())
    logger.addHandler(taker)
    logger.propagate = False
    try:
        logger.error("a command stopped", exc_info=error)
    finally:
        logger.removeHandler(taker)
        taker.close()
    return log
