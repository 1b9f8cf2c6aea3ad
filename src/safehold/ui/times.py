"""Times as people read them: relative in the text, absolute beside it."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["absolute", "duration", "relative"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (
    (_DAY * 365, "year"),
    (_DAY * 30, "month"),
    (_DAY * 7, "week"),
    (_DAY, "day"),
    (_HOUR, "hour"),
    (_MINUTE, "min"),
)


def absolute(moment: datetime) -> str:
    """The exact moment in UTC, to the second: "2026-11-22 09:30:00 UTC"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def relative(moment: datetime, now: datetime) -> str:
    """How far from now, in one unit: "just now", "4 min ago", "in 3 days"."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 45:
        return "just now"
    text = _largest(max(abs(seconds), _MINUTE))
    return f"{text} ago" if seconds > 0 else f"in {text}"


def duration(seconds: float) -> str:
    """A span in one or two units: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"


def _largest(seconds: float) -> str:
    for size, name in _STEPS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}" if count == 1 or name == "min" else f"{count} {name}s"
    return "1 min"
