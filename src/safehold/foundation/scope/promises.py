"""What the security page says about isolation, and the checks that prove it on the running system."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import time
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from safehold.foundation.scope import probes
from safehold.foundation.scope.backend.base import DatabaseWrapper
from safehold.foundation.scope.boot import role_faults
from safehold.foundation.scope.catalogue import EVERY_RULE, FORCED, REFERENCES, Audit, audit
from safehold.foundation.scope.crossings import try_references
from safehold.foundation.scope.environment import (
    OTHER_ENVIRONMENTS,
    changes_that_pass,
    name_of_database,
    refuse_other_database,
)
from safehold.foundation.scope.errors import OtherEnvironment
from safehold.foundation.scope.server_floor import standing
from safehold.foundation.scope.transaction import BEGIN_WITHIN, scoped, ticket_for
from safehold.kernel.promise import Check, Finding, ProbeContext, Promise, broken, kept, unproven

__all__ = ["CHECKS", "PROMISES"]

PROMISES = (
    Promise(
        "ISO-1",
        "Every row belongs to one tenant",
        "Each row of customer data carries the id of its tenant, and the database itself shows a statement only the "
        "rows of the tenant that it speaks for.",
    ),
    Promise(
        "ISO-2",
        "Row-level security binds everybody",
        "Every table with customer data is under forced row-level security. The login that serves requests is no "
        "superuser, can't bypass policies, and owns nothing.",
    ),
    Promise(
        "ISO-3",
        "No scope, no data",
        "A statement that doesn't prove for whom it speaks is refused. The proof is signed: without it, or with a "
        "made-up one, nothing is read or written.",
    ),
    Promise(
        "ISO-4",
        "A scope lasts for one transaction",
        "For whom a statement speaks is settled anew in each transaction. Nothing of it is left on the connection when "
        "the next request borrows it.",
    ),
    Promise(
        "ISO-5",
        "References stay within a tenant",
        "A row can't point to another tenant's row: the keys of references hold the tenant's id on both sides.",
    ),
    Promise(
        "ISO-6",
        "Environments are apart",
        "Databases, keys and buckets carry the name of their environment. Staging or a test can't open what is "
        "production's.",
    ),
    Promise(
        "ISO-7",
        "Files are isolated like rows",
        "A tenant's files lie under its own prefix, encrypted with its own keys; another tenant's scope or keys don't "
        "open them.",
    ),
)


def check_catalogue(probe: ProbeContext) -> Finding:
    """Every table, view, index, policy, function, grant and role keeps the rules."""
    return _judged(audit(rule for rule in EVERY_RULE if rule not in (*FORCED, *REFERENCES)))


def check_other_tenants_rows(probe: ProbeContext) -> Finding:
    """Each canary asks for the other's rows in every table."""
    tried = probes.reach(probe.left, probe.right)
    evidence = {"attempts": tried.attempts, "with_rows": tried.with_rows, "empty": sorted(set(tried.empty))}
    if tried.through:
        return broken(f"{len(tried.through)} attempts got through.", through=tried.through, **evidence)
    if not tried.with_rows:
        return unproven("The canaries have no rows yet, so there was nothing to reach.", **evidence)
    return kept(f"{tried.attempts} attempts to reach another tenant's rows came back with nothing.", **evidence)


def check_forced(probe: ProbeContext) -> Finding:
    """Policies bind every role, and this process's role can't go round them."""
    login = str(_connection().settings_dict["USER"])
    if faults := role_faults(_connection(), login):
        return broken(f"The login {login} isn't safe.", faults=faults)
    finding = _judged(audit(FORCED))
    server = standing(_connection().pg_version)
    said = [text for text in (server.refused, *server.warnings) if text]
    return replace(finding, evidence={**finding.evidence, "server": server.version, "known_holes": said})


def check_no_scope(probe: ProbeContext) -> Finding:
    """Read and write every table without a ticket, with an empty one, and with forged ones."""
    tables = probes.tenant_tables()
    through: list[str] = []
    attempts = 0
    for name, make in _tickets(probe).items():
        for table in tables:
            attempts += 1
            through += [f"{name}: {what}" for what in _without_scope(table, make, probe.left)]
    if through:
        return broken(f"{len(through)} statements went through without a valid scope.", through=through)
    evidence = {"tables": len(tables), "tickets": list(_tickets(probe)), "attempts": attempts}
    return kept(f"Without a valid scope all {attempts} attempts on {len(tables)} tables were refused.", **evidence)


def check_one_transaction(probe: ProbeContext) -> Finding:
    """After a scoped transaction ends, in whatever way, its connection opens nothing."""
    left_behind = []
    served = set()
    for ending in ("committed", "rolled back", "failed", "kept in the session"):
        served.add(_end(ending, probe.left))
        if _opens_something():
            left_behind.append(ending)
    evidence = {"endings": 4, "connections": len(served)}
    if left_behind:
        return broken("A scope outlived its transaction.", after=left_behind, **evidence)
    if len(served) > 1:
        return unproven("The transactions ran on different connections.", **evidence)
    return kept("One connection served four scoped transactions; after each it opened nothing.", **evidence)


def check_references_catalogue(probe: ProbeContext) -> Finding:
    """Every foreign key between tenants' tables pairs the tenants' ids."""
    return _judged(audit(REFERENCES))


def check_references_live(probe: ProbeContext) -> Finding:
    """Try to point a canary's row to the other's, through every foreign key."""
    outcome = try_references(probe.left, probe.right)
    evidence = {"references": outcome.references, "refused": outcome.refused, "no_rows": outcome.no_rows}
    if outcome.accepted:
        return broken("References across tenants were accepted.", accepted=outcome.accepted, **evidence)
    if not outcome.refused:
        return unproven("The canaries have no rows that refer to others yet.", **evidence)
    return kept(f"{len(outcome.refused)} references across tenants were tried and refused.", **evidence)


def check_database_environment(probe: ProbeContext) -> Finding:
    """The database says which environment it belongs to, another one's name is refused, and the app can't change it."""
    ours, said = settings.SAFEHOLD.environment, name_of_database()
    if said != ours:
        return broken(f"The database says it belongs to {said or 'no environment'}, not to {ours}.", said=said)
    refused, taken = [], []
    for name in OTHER_ENVIRONMENTS - {ours}:
        try:
            refuse_other_database(name)
            taken.append(name)
        except OtherEnvironment:
            refused.append(name)
    changed = changes_that_pass(ours)
    if taken or changed:
        return broken("The database's environment can be got round.", taken_for=sorted(taken), could=changed)
    return kept(f"The database belongs to {ours}; {len(refused)} other names were refused.", refused=sorted(refused))


CHECKS = (
    Check("ISO-1", "catalogue", check_catalogue),
    Check("ISO-1", "other-tenants-rows", check_other_tenants_rows),
    Check("ISO-2", "forced-policies", check_forced),
    Check("ISO-3", "no-scope", check_no_scope),
    Check("ISO-4", "one-transaction", check_one_transaction),
    Check("ISO-5", "reference-keys", check_references_catalogue),
    Check("ISO-5", "reference-attempts", check_references_live),
    Check("ISO-6", "database-environment", check_database_environment),
)


def _connection() -> DatabaseWrapper:
    return cast("DatabaseWrapper", connections["default"])


def _judged(found: Audit) -> Finding:
    counts = dict(found.looked_at)
    if found.faults:
        faults = [f"{fault.rule}: {fault}" for fault in found.faults]
        return broken(f"{len(faults)} objects break a rule.", faults=faults, looked_at=counts)
    shown = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
    return kept(f"No fault in {shown}.", looked_at=counts)


def _tickets(probe: ProbeContext) -> dict[str, Callable[[int], str]]:
    """Tickets that must open nothing, by what is wrong with them; each is made for the backend at hand."""
    scope, now = probes.canary(probe.left), time()

    def signed(backend: int, moment: float = now) -> str:
        return ticket_for(scope, backend=backend, now=moment)

    def swapped(backend: int) -> str:
        return signed(backend).replace(probe.left.hex, probe.right.hex)

    return {
        "none": lambda _: "",
        "made up": lambda _: secrets.token_hex(120),
        "signed with another key": lambda backend: secrets.token_hex(32) + signed(backend)[64:],
        "for another tenant": swapped,
        "for another connection": lambda backend: signed(backend + 1),
        "from before": lambda backend: signed(backend, now - BEGIN_WITHIN - 60),
    }


def _without_scope(table: probes.Table, make: Callable[[int], str], tenant_id: UUID) -> Iterator[str]:
    """What goes through in `table` under that ticket. A table without any row may answer a read with nothing."""
    wrapper = _connection()
    with transaction.atomic():
        wrapper.bind(make(wrapper.backend()))
        if table.reads:
            state, number = probes.state_of(probes.part("any_at_all", table=table.name), {})
            if number or state not in ("", probes.REFUSED):
                yield f"read {table.name}"
        if table.inserts:
            state, _ = probes.state_of(probes.part("insert_of", table=table.name), {"tenant": tenant_id})
            if state != probes.REFUSED:
                yield f"insert into {table.name}"
        transaction.set_rollback(True)


def _end(ending: str, tenant_id: UUID) -> int:
    """Run a scoped transaction that ends like this; the backend that served it."""
    wrapper = _connection()
    backend = 0
    try:
        with scoped(probes.canary(tenant_id)):
            backend = wrapper.backend()
            if ending == "kept in the session":
                probes.ask(probes.part("keep_in_session"))
            elif ending == "rolled back":
                transaction.set_rollback(True)
            elif ending == "failed":
                probes.expect_refusal()
                probes.ask(probes.part("any_of", table="no_such_table"), {"tenant": tenant_id})
    except DatabaseError:
        pass
    return backend


def _opens_something() -> bool:
    """Whether any table answers in a plain transaction on the same connection."""
    for table in probes.tenant_tables():
        if not table.reads:
            continue
        with transaction.atomic():
            state, number = probes.state_of(probes.part("any_at_all", table=table.name), {})
        if number or state not in ("", probes.REFUSED):
            return True
    return False
