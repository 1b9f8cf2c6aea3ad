"""Application logs: one JSON object a line, with what looks like a secret taken out by key and by pattern."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime
from io import TextIOWrapper

__all__ = ["JsonLines", "LogFile", "handler", "redact"]

_BY_KEY = re.compile(
    r"(?i)\b(password|passwd|passphrase|secret|token|api[_-]?key|authorization|cookie|otp|code|pin|csrf\w*)"
    r"(['\"]?\s*[:=]\s*(?:<\w+:\s*)?['\"]?)((?<=')[^']+|(?<=\")[^\"]+|[^\s'\",;&}]+)"
)
_BY_PATTERN = re.compile(
    r"sfh_[A-Za-z0-9_\-]{16,}"  # our own tokens
    r"|eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*"  # JSON web tokens
    r"|(?i:bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}"
    r"|://[^/\s:@]+:[^/\s@]+@"  # a password in a URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|(?m:(?<=^DETAIL:  ).+$)"  # what the database adds to an error: the values of a row
)
_GONE = "[redacted]"


def redact(text: str) -> str:
    """`text` without what looks like a secret: values behind telling names, and tokens by their shape."""
    return _BY_PATTERN.sub(_GONE, _BY_KEY.sub(rf"\1\2{_GONE}", text))


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: at, level, logger, message, and a traceback without local values."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; never a line break inside, so that no input can forge a second entry."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class LogFile(logging.FileHandler):
    """Appends to a file that only its owner reads, opened with the first entry.

    Where it can't be written, people are told once; a command does its work all the same.
    """

    def __init__(self, file: str) -> None:
        super().__init__(file, encoding="utf-8", delay=True)
        self._gave_up = False

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")

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


def handler(file: str) -> logging.Handler:
    """What takes the entries: a file where one is named, standard error where not."""
    return LogFile(file) if file else logging.StreamHandler()
