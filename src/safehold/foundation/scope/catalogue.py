"""The catalogue audit: every table, view, index, key, function, grant and role against the rules of isolation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import connection

from safehold.foundation.scope.migrations_support import sql_parts

__all__ = ["EVERY_RULE", "FORCED", "REFERENCES", "Audit", "Declared", "Fault", "audit", "declared"]

FORCED = ("not_forced", "role", "ticket_key")
"""That policies bind everybody."""

REFERENCES = ("reference",)
"""That references stay within a tenant."""

EVERY_RULE = (
    *FORCED,
    *REFERENCES,
    "no_tenant",
    "no_policy",
    "open_policy",
    "staff",
    "queue",
    "index_not_led",
    "key_across_tenants",
    "view",
    "rule",
    "child",
    "sequence",
    "statistics",
    "grant",
    "standing_grant",
    "function",
    "way_out",
    "guard",
    "declared_in_vain",
)
"""Every rule, by the name of its part in sql/catalogue.sql."""

_KINDS = ("tables", "views", "indexes", "sequences", "policies", "references", "functions")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks a rule: which rule, which object, and why."""

    rule: str
    object: str
    reason: str

    def __str__(self) -> str:
        return f"{self.object} {self.reason}"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, and how much was looked at."""

    faults: tuple[Fault, ...]
    looked_at: Mapping[str, int]


@dataclass(slots=True)
class Declared:
    """What rooms declare in their `tables.py`, by name, each with its reason.

    EXEMPT: tables that stand outside the tenants. SCRATCH: such tables that aren't always there.
    OPEN_POLICIES: policies of another form than the tenant's ("table.policy"). OTHER_INDEXES: indexes not led by the
    tenant. MEASURED: columns whose values the planner keeps statistics of ("table.column"). UNPINNED: functions without
    a search_path, DOORS: functions that staff are let in by, or the app role to the queue, POWERS: functions with an
    administrator's rights, each with the SHA-256 of its text.
    """

    exempt: dict[str, str] = field(default_factory=dict)
    scratch: dict[str, str] = field(default_factory=dict)
    open_policies: dict[str, str] = field(default_factory=dict)
    other_indexes: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    unpinned: dict[str, str] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)
    powers: dict[str, str] = field(default_factory=dict)


def declared() -> Declared:
    """Everything that the installed rooms declare. Raises ValueError where two declare the same name."""
    found = Declared()
    for config in apps.get_app_configs():
        name = f"{config.name}.tables"
        if not config.name.startswith("safehold.") or find_spec(name) is None:
            continue
        module = import_module(name)
        for kind in ("exempt", "scratch", "open_policies", "other_indexes", "measured", "unpinned", "doors", "powers"):
            entries: dict[str, str] = getattr(module, kind.upper(), {})
            known: dict[str, str] = getattr(found, kind)
            if twice := set(entries) & set(known):
                raise ValueError(f"{config.label}/tables.py declares again: {', '.join(sorted(twice))}")
            known.update(entries)
    return found


def audit(rules: Iterable[str] = EVERY_RULE, given: Declared | None = None) -> Audit:
    """Check `rules` on the default connection. Every role may; nothing of a tenant's is read."""
    given = given or declared()
    values: dict[str, Any] = {
        "exempt": sorted(given.exempt | given.scratch),
        "lasting": sorted(given.exempt),
        "open": sorted(given.open_policies),
        "indexes": sorted(given.other_indexes),
        "measured": sorted(given.measured),
        "unpinned": [f"{name} {digest}" for name, digest in sorted(given.unpinned.items())],
        "doors": [f"{name} {digest}" for name, digest in sorted(given.doors.items())],
        "powers": [f"{name} {digest}" for name, digest in sorted(given.powers.items())],
    }
    parts = sql_parts("safehold.foundation.scope", "catalogue.sql")
    faults: list[Fault] = []
    with connection.cursor() as cursor:
        for rule in rules:
            cursor.execute(f"{parts['with_ours']}\n{parts[rule]}", values)
            faults.extend(Fault(rule, str(name), str(reason)) for name, reason in cursor.fetchall())
        cursor.execute(parts["objects"], {})
        counts = cursor.fetchone()
    return Audit(tuple(faults), dict(zip(_KINDS, counts, strict=True)))
