"""Numbers that steer the archive of logs. How long lines lie in clear, and how long they are kept, are settings."""

from __future__ import annotations

from typing import Final

__all__ = ["CLEAR_GRACE", "LARGEST_LIVE", "LIMIT_DAYS", "SEGMENT", "TORN_AFTER"]

LIMIT_DAYS: Final = 90
"""What is promised: no line is older anywhere. The setting log_days may be lower, never higher."""
SEGMENT: Final = 4 * 1024 * 1024
"""Bytes of lines in one segment at most: it is sealed and opened in memory."""
TORN_AFTER: Final = 60.0
"""Seconds after which a line without an end is taken as it is: its writer was killed in the middle of it."""
LARGEST_LIVE: Final = 64 * 1024 * 1024
"""Bytes that one live file may take on the disk while nothing gathers; beyond, its oldest lines are given up."""
CLEAR_GRACE: Final = 900.0
"""Seconds beyond the setting that a running installation may be late in sealing lines before that breaks AUD-8."""
