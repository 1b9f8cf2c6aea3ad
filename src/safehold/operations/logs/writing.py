"""Writing application logs: one JSON object a line, with what looks like a secret taken out (specs/log-line.md).

`configuration` is the one set-up of Python's loggers, for pages, jobs, commands and the web server alike; `install`
makes a process's whole standard error such lines: what is logged, printed, warned of, or ends a thread.
"""

from __future__ import annotations

import io
import logging
import logging.config
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import Any

from safehold.kernel import reference
from safehold.kernel.errors import SafeholdError
from safehold.kernel.logline import LEVELS, encode
from safehold.kernel.redaction import redact, redact_fault
from safehold.operations.files import owner_of_home

__all__ = ["ErrorStream", "JsonLines", "LogFile", "configuration", "handler", "install", "process_name"]

_PROCESS = "SAFEHOLD_PROCESS"
_COMMAND = "commands"
_ABOUT_CODE = (SafeholdError, OSError, ImportError, NameError, AttributeError, AssertionError)
"""Errors whose words are ours or are about code; what others quote may have come from outside."""


def configuration(file: str = "") -> dict[str, Any]:
    """The set-up of Python's loggers: everything in our lines, to a file or to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{__name__}.JsonLines"}},
        "handlers": {"log": {"()": f"{__name__}.handler", "file": file, "formatter": "lines"}},
        "root": {"handlers": ["log"], "level": "INFO"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "_granian": {"handlers": [], "propagate": True, "level": "INFO"},
            "granian.access": {"handlers": [], "propagate": True, "level": "ERROR"},
        },
    }


def process_name() -> str:
    """The supervised process that this is, or "commands" for whatever a person started."""
    return os.environ.get(_PROCESS) or _COMMAND


class JsonLines(logging.Formatter):
    """Formats a record as one line. Of what code hands on beside the message, nothing but the reference is written."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without a line break inside: no input can forge a second entry."""
        level = record.levelname.lower()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": level if level in LEVELS else "info",
            "logger": redact(record.name),
            "process": process_name(),
            "pid": record.process,
            "reference": getattr(record, "reference", "") or reference.current(),
            "message": redact(self._said(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = "\n".join(_told(record.exc_info[1]))
        return encode(line).decode("ascii").rstrip("\n")

    def _said(self, record: logging.LogRecord) -> str:
        try:
            return record.getMessage()
        except Exception:  # noqa: BLE001  (a line that can't be put together is still a line)
            return str(record.msg)


def _told(error: BaseException) -> Iterable[str]:
    """An error with its causes, innermost first: where it was, of what kind, and what it says; no local values."""
    found = traceback.TracebackException.from_exception(error, capture_locals=False)
    chain: list[tuple[traceback.TracebackException, BaseException | None]] = [(found, error)]
    while (last := chain[-1])[0].__cause__ is not None or last[0].__context__ is not None:
        about, fault = last
        inner = about.__cause__ or (None if about.__suppress_context__ else about.__context__)
        if inner is None or len(chain) > 8:
            break
        chain.append((inner, (fault.__cause__ or fault.__context__) if fault is not None else None))
    for about, fault in reversed(chain):
        yield "Traceback (most recent call last):"
        yield redact("".join(about.stack.format()).rstrip("\n"))
        said = "".join(about.format_exception_only()).rstrip("\n")
        yield redact(said) if isinstance(fault, _ABOUT_CODE) else redact_fault(said)


class LogFile(logging.FileHandler):
    """Appends to a file that only its owner reads, opened with the first entry.

    Where it can't be written, people are told once; a command does its work all the same.
    """

    def __init__(self, file: str) -> None:
        super().__init__(file, encoding="utf-8", delay=True)
        self._gave_up = False

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.baseFilename, flags, 0o600)
        if (owner := owner_of_home(self.baseFilename)) is not None:
            os.fchown(descriptor, *owner)  # Root ran this command; what gathers logs is of another account.
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry."""
        if self._gave_up:
            return
        try:
            super().emit(record)
        except OSError as error:
            self._gave_up = True
            why = os.strerror(error.errno or 0)
            sys.stderr.write(f"safehold: {self.baseFilename} can't be written ({why}), so this command logs nothing.\n")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's own name)
        """Raise what went wrong with a file, for `emit` to tell; anything else is no reason to end a command."""
        if isinstance(error := sys.exc_info()[1], OSError):
            raise error


class ErrorStream(logging.Handler):
    """Writes each entry to the process's standard error in one go, so that those of several threads don't mix."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry; a full disk ends nothing."""
        try:
            _write(self.format(record).encode() + b"\n")
        except Exception:  # noqa: BLE001  (there is nowhere left to say it)
            return


def handler(file: str) -> logging.Handler:
    """What takes the entries: a file where one is named, standard error where not."""
    return LogFile(file) if file else ErrorStream()


def install() -> None:
    """Make this process's standard error nothing but our lines. For the supervised processes, before anything else."""
    logging.config.dictConfig(configuration())
    logging.captureWarnings(capture=True)
    log = logging.getLogger("process")
    sys.excepthook = lambda _, error, __: log.critical("the process ended", exc_info=error)
    threading.excepthook = lambda told: log.error("a thread ended", exc_info=told.exc_value)
    sys.unraisablehook = lambda told: log.error("an error had nobody to go to", exc_info=told.exc_value)
    sys.stderr = _Lines()


class _Lines(io.TextIOBase):
    """Standard error for whoever prints: each printed line becomes an entry."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2

    def write(self, text: str) -> int:
        with self._lock:
            *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            self._entry(line)
        return len(text)

    def flush(self) -> None:
        """Whoever flushes has said what there is to say."""
        with self._lock:
            rest, self._begun = self._begun, ""
        self._entry(rest)

    def _entry(self, said: str) -> None:
        if said.strip():
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            about = {"at": at, "level": "info", "logger": "stderr", "process": process_name(), "pid": os.getpid()}
            _write(encode(about | {"reference": reference.current(), "message": redact(said)}))


def _write(line: bytes) -> None:
    os.write(2, line)
