"""Numbers that steer the log. Each says what it trades."""

from __future__ import annotations

from typing import Final

__all__ = ["ALARM_SECONDS", "BATCH", "CHECKPOINTS_A_ROUND", "HEARTBEAT_SECONDS", "PASS_SECONDS", "ROUND_SECONDS"]

PASS_SECONDS: Final = 0.2
"""How often the sealer looks for new events: the usual wait of an event for its place."""
BATCH: Final = 5_000
"""Events in one pass: a bigger one seals faster and holds its locks longer."""
ROUND_SECONDS: Final = 2.0
"""How often heads are signed: how long a rewritten log could go unnoticed."""
CHECKPOINTS_A_ROUND: Final = 2_000
"""Heads signed in one round, so that a round with very many busy tenants doesn't hold up sealing."""
HEARTBEAT_SECONDS: Final = 1.0
"""How often an idle sealer says that it is alive."""
ALARM_SECONDS: Final = 10.0
"""An event that waits longer for its place is an alarm."""
