"""Sessions: stored under the hash of their cookie, sealed, and ended when what they rest on changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity.credentials import digest
from safehold.foundation.identity.events import SESSIONS_ENDED
from safehold.foundation.identity.flows.telling import tell
from safehold.foundation.identity.models import Account, Session
from safehold.foundation.identity.selectors import live_sessions, signing_in
from safehold.foundation.keys.sealing import Place, open_sealed, seal
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Tampered
from safehold.kernel.ids import PLATFORM

__all__ = [
    "BEGAN",
    "LIMITS",
    "Origin",
    "delete_session",
    "end_sessions",
    "forget_ended_sessions",
    "key_hash",
    "open_session",
    "store_session",
]

BEGAN, LIMITS = "safehold.began", "safehold.limits"
"""Keys inside a session's data: when its holder signed in (seconds since 1970), and which of SESSION_LIMITS bind it."""

_TOUCH = timedelta(seconds=60)
"""`last_seen_at` is written once a minute at most: reading a page shouldn't cost a write."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a session is used from, as its owner will see it in the list."""

    address: str = ""
    device: str = ""
    language: str = ""


def key_hash(key: str) -> str:
    """What is stored of a cookie's value."""
    return digest(key).hex()


def _place(hashed: str) -> Place:
    # The seal binds the data to this very session: the row's id is the first half of its hash.
    return Place(PLATFORM, "identity_session", "data", UUID(hashed[:32]))


def open_session(*, scope: Scope, key: str) -> dict[str, Any] | None:
    """The data of the living session with that cookie value, or None; notes once a minute that it was seen."""
    hashed = key_hash(key)
    with signing_in(scope):
        row = live_sessions().filter(key_hash=hashed).first()
        if row is None:
            return None
        if row.last_seen_at < now() - _TOUCH:
            _touch(hashed)
    try:
        data: dict[str, Any] = json.loads(open_sealed(_place(hashed), bytes(row.data)))
    except (Tampered, ValueError):
        return None
    return data


def _touch(hashed: str) -> None:
    """Note the moment, unless another request is just doing so: a page never waits for its neighbour."""
    row = Session.objects.select_for_update(skip_locked=True).filter(key_hash=hashed)
    idle = row.values_list("idle_seconds", flat=True).first()
    if idle is not None:
        moment = now()
        values = {"last_seen_at": moment, "idle_ends_at": moment + timedelta(seconds=idle)}
        Session.objects.filter(key_hash=hashed).update(**values)


def store_session(*, scope: Scope, key: str, data: dict[str, Any], origin: Origin, new: bool) -> bool:
    """Keep a session's data; False where a new one's key is taken, or an old one has ended meanwhile."""
    hashed, moment = key_hash(key), now()
    account = data.get("_auth_user_id")
    began = datetime.fromtimestamp(data.get(BEGAN, moment.timestamp()), UTC)
    idle, whole = settings.SESSION_LIMITS[data.get(LIMITS, "anonymous")]
    values = {
        "account_id": UUID(account) if account else None,
        "data": seal(_place(hashed), json.dumps(data).encode()),
        "last_seen_at": moment,
        "idle_seconds": idle,
        "idle_ends_at": moment + timedelta(seconds=idle),
        "ends_at": began + timedelta(seconds=whole),
        "address": origin.address,
        "device": origin.device,
        "language": origin.language,
    }
    with signing_in(scope):
        if new:
            rows = [Session(key_hash=hashed, created_at=moment, **values)]
            return bool(Session.objects.bulk_create(rows))
        return bool(live_sessions().filter(key_hash=hashed).update(**values))


def delete_session(*, scope: Scope, key: str) -> None:
    """End one session, whoever's it is: its holder signs out, or it goes on under another key."""
    with signing_in(scope):
        Session.objects.filter(key_hash=key_hash(key)).delete()


def end_sessions(*, scope: Scope, account_id: UUID, reason: str, except_: str | None = None) -> int:
    """End an account's sessions, all but the one with the hash `except_`, and say why in the logs. How many there were.

    What a session rests on (password, address, second factor, role) ends it in the transaction that changes it.
    """
    with signing_in(scope) as inner:
        ended, _ = Session.objects.filter(account_id=account_id).exclude(key_hash=except_ or "").delete()
        if ended:
            account = Account.objects.get(id=account_id)
            fields: Plain = {"account": str(account_id), "count": ended, "reason": reason}
            tell(scope=inner, event=SESSIONS_ENDED, account=account, fields=fields)
    return ended


def end_session(*, scope: Scope, account_id: UUID, hashed: str) -> bool:
    """End the one session of the account with that hash, chosen from its list."""
    with signing_in(scope) as inner:
        ended, _ = Session.objects.filter(account_id=account_id, key_hash=hashed).delete()
        if ended:
            account = Account.objects.get(id=account_id)
            fields: Plain = {"account": str(account_id), "count": ended, "reason": "its owner ended it"}
            tell(scope=inner, event=SESSIONS_ENDED, account=account, fields=fields)
    return bool(ended)


def forget_ended_sessions(*, scope: Scope) -> int:
    """Drop the rows of sessions that are over. `scope` is of the sign-in kind."""
    moment = now()
    gone, _ = Session.objects.filter(Q(ends_at__lte=moment) | Q(idle_ends_at__lte=moment)).delete()
    return gone
