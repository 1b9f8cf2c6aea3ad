"""What kinds of hands there are, and how often each is given a head."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EVERY_SECONDS", "LONGEST_PAUSE", "Kind"]


class Kind(StrEnum):
    """Who holds a head. Witnesses and time authorities hold the platform's, the others a tenant's or the platform's."""

    WITNESS = "witness"
    TIME_STAMP = "time-stamp"
    WEBHOOK = "webhook"
    MAIL = "mail"

    @property
    def words(self) -> str:
        """What pages call it."""
        return {
            Kind.WITNESS: "a witness",
            Kind.TIME_STAMP: "a time authority",
            Kind.WEBHOOK: "a webhook",
            Kind.MAIL: "a mailbox",
        }[self]


EVERY_SECONDS = {Kind.WITNESS: 60, Kind.TIME_STAMP: 3600, Kind.WEBHOOK: 3600, Kind.MAIL: 86_400}
"""How old the last head that somebody holds may grow before they get the next, if the log has grown."""

LONGEST_PAUSE = 3600
"""Seconds between two tries at a place that fails; the first follows after a minute, each further one later."""
