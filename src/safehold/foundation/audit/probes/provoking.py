"""AUD-5: each type of security event is provoked, and the log has exactly that.

Each room lists what provokes its security events as PROVOKERS in its `promises.py`; its WRITE_PROBES count as well. All
of it happens on a canary in one transaction that is rolled back, with what is otherwise written apart inside of it: a
security event that no provoker leaves is a fault, and so is one that nobody meant to leave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection, transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.probes.writing import WriteProbe, write_probes
from safehold.foundation.audit.registry import event_types
from safehold.foundation.audit.statements import statement
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import apart_is_undone, scoped
from safehold.kernel.errors import Unavailable
from safehold.kernel.event import EventType
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["Provoker", "every_security_event_is_provoked", "provokers"]


@dataclass(frozen=True, slots=True)
class Provoker:
    """One way to security events: `run` acts in a canary's open transaction; `provokes` is exactly what it leaves.

    It is looked for in the logs of the canary and of the platform, and in that of the scope that `run` returns, if any.
    """

    name: str
    run: Callable[[Scope], object]
    provokes: tuple[EventType, ...]


def provokers() -> list[Provoker]:
    """Every room's, and the write probes that leave security events."""
    found = [_of_probe(probe) for probe in write_probes()]
    for config in apps.get_app_configs():
        name = f"{config.name}.promises"
        if config.name.startswith("safehold.") and find_spec(name) is not None:
            found += getattr(import_module(name), "PROVOKERS", ())
    return [one for one in found if one.provokes]


def _of_probe(probe: WriteProbe) -> Provoker:
    return Provoker(probe.name, probe.run, tuple(event for event in probe.leaves if event.security))


def every_security_event_is_provoked(probe: ProbeContext) -> Finding:
    """Provoke each registered type of security event, and look in the logs for exactly what was provoked."""
    catalogue = {name for name, event in event_types().items() if event.security}
    found, faults, away = provokers(), [], []
    for one in found:
        try:
            faults += _try(probe, one)
        except Unavailable as error:
            away.append(f"{one.name}: {error.message}")
        except Exception as error:  # noqa: BLE001  (whatever it is, the event wasn't shown to be left)
            faults.append(f"{one.name} could not be provoked ({type(error).__name__})")
    provoked = {event.name for one in found for event in one.provokes}
    faults += [f"nothing provokes {name}" for name in sorted(catalogue - provoked)]
    evidence = {"security_events": sorted(catalogue), "provokers": [one.name for one in found]}
    if faults:
        return broken(f"{len(faults)} security events aren't as the catalogue says: {faults[0]}.", faults=faults)
    if away:
        return unproven(f"Something can't be provoked yet: {away[0]}", away=away, **evidence)
    return kept(
        f"All {len(catalogue)} kinds of security events were provoked in {len(found)} ways, and each left exactly the "
        "entries it should.",
        **evidence,
    )


def _try(probe: ProbeContext, one: Provoker) -> list[str]:
    scope = Scope(Kind.TENANT, "system:probe", tenant_id=probe.left, role=Role.OWNER, departments=(0,))
    with scoped(scope):
        with apart_is_undone():
            other = one.run(scope)
        logs = [scope, scope_of_log(PLATFORM, "probe"), *([other] if isinstance(other, Scope) else [])]
        seen = {name for log in logs for name in _written(log)}
        transaction.set_rollback(True)
    expected = {event.name for event in one.provokes}
    known = event_types()
    security = {name for name in seen if name in known and known[name].security}
    faults = [f"{one.name} left no {name}" for name in sorted(expected - security)]
    return faults + [f"{one.name} also left {name}" for name in sorted(security - expected)]


def _written(log: Scope) -> list[str]:
    with scoped(log), connection.cursor() as cursor:
        cursor.execute(statement("probes", "of_this_transaction"), {"log": log.log_id})
        return [name for _, name in cursor.fetchall()]
