"""Syslog: one event as a message of RFC 5424, framed by octet counting as RFC 5425 asks for over TLS."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["frame", "message"]

_AUDIT = 13
"""The facility "log audit"."""
_LEVELS = {1: 6, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1}
"""OCSF's severities as syslog's: informational, notice, warning, error, critical, alert."""
_BOM = "\ufeff".encode()


def message(line: bytes, *, at: datetime, host: str, event_type: str, severity: int) -> bytes:
    """One RFC 5424 message: the event's type as MSGID, its record in OCSF form as MSG."""
    priority = _AUDIT * 8 + _LEVELS.get(severity, 6)
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = _printable(host)[:255] or "-"
    head = f"<{priority}>1 {moment} {name} safehold - {_printable(event_type)[:32] or '-'} - "
    return head.encode("ascii") + _BOM + line


def frame(data: bytes) -> bytes:
    """The message with its length in front."""
    return f"{len(data)} ".encode("ascii") + data


def _printable(text: str) -> str:
    return "".join(char for char in text if "!" <= char <= "~")
