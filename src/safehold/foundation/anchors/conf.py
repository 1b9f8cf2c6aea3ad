"""What kinds of hands there are, and how often each is given a head."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ALL_LOGS", "EVERY_SECONDS", "LONGEST_PAUSE", "Kind"]


class Kind(StrEnum):
    """Who holds a head. Webhooks and mailboxes hold a tenant's or the platform's, all others the platform's alone."""

    WITNESS = "witness"
    TIME_STAMP = "time-stamp"
    WEBHOOK = "webhook"
    MAIL = "mail"
    OBJECT_STORE = "object-store"

    @property
    def words(self) -> str:
        """What pages call it."""
        return {
            Kind.WITNESS: "a witness",
            Kind.TIME_STAMP: "a time authority",
            Kind.WEBHOOK: "a webhook",
            Kind.MAIL: "a mailbox",
            Kind.OBJECT_STORE: "the object store",
        }[self]


EVERY_SECONDS = {
    Kind.WITNESS: 60,
    Kind.TIME_STAMP: 3600,
    Kind.WEBHOOK: 3600,
    Kind.MAIL: 86_400,
    Kind.OBJECT_STORE: 900,
}
"""How old the last head that somebody holds may grow before they get the next, if the log has grown."""

LONGEST_PAUSE = 3600
"""Seconds between two tries at a place that fails; the first follows after a minute, each further one later."""

ALL_LOGS = frozenset({Kind.WITNESS, Kind.TIME_STAMP, Kind.OBJECT_STORE})
"""Who is only ever given the log of logs, whose heads stand for every log: the platform's to add and to end."""
