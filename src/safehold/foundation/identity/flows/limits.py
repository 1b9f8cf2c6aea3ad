"""Counting tries before they are made."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources

from django.db import connection
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from safehold.foundation.identity.errors import Slowed
from safehold.foundation.identity.limits import Limit
from safehold.foundation.identity.models import Attempt
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import run_apart

__all__ = ["forget_old_tries", "succeed", "take"]

Try = tuple[Limit, str]


@cache
def _statement() -> str:
    return (resources.files("safehold.foundation.identity") / "sql/statements/count_attempt.sql").read_text("utf-8")


def _key(limit: Limit, who: str) -> str:
    return salted_hmac(f"safehold.attempt.{limit.what}", who, algorithm="sha256").hexdigest()


def _apart(scope: Scope) -> Scope:
    return Scope(Kind.SIGN_IN, actor=scope.actor, address=scope.address)


def take(*, scope: Scope, tries: list[Try]) -> None:
    """Count one try against each limit, at once and for good; raise Slowed where one of them had enough already.

    It counts in a transaction of its own, so that parallel tries don't wait for each other's password hash, and a
    request that fails still counts.
    """
    counts = run_apart(_apart(scope), _count, [(_key(*one), one[0].seconds) for one in tries], now())
    for (limit, _), count in zip(tries, counts, strict=True):
        if count > limit.tries:
            raise Slowed(limit.what, first=count == limit.tries + 1)


def _count(keys: list[tuple[str, int]], moment: datetime) -> list[int]:
    """The counts after this try, in the order of `keys`. Rows are locked in the order of their names: no deadlock."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for key, seconds in sorted(keys):
            cursor.execute(_statement(), {"key": key, "seconds": seconds, "now": moment})
            counts[key] = cursor.fetchone()[0]
    return [counts[key] for key, _ in keys]


def succeed(*, scope: Scope, forget: list[Try], give_back: list[Try]) -> None:
    """The try was no failure: `forget` counts of who has now shown who they are, take this one off the others."""
    run_apart(_apart(scope), _succeed, [_key(*one) for one in forget], [_key(*one) for one in give_back])


def _succeed(forget: list[str], give_back: list[str]) -> None:
    Attempt.objects.filter(Q(key__in=forget) | Q(key__in=give_back, count=1)).delete()
    Attempt.objects.filter(key__in=give_back).update(count=F("count") - 1)


def forget_old_tries(*, scope: Scope) -> int:
    """Drop counters whose window is over. `scope` is of the sign-in kind."""
    gone, _ = Attempt.objects.filter(window_ends_at__lte=now()).delete()
    return gone
