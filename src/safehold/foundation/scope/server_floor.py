"""Which PostgreSQL releases keep row-level security's promises: below the floor nothing starts.

Every PostgreSQL release fixes what was found since the last. Only what touches tenants' isolation counts here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OLDEST", "Hole", "Standing", "standing"]

OLDEST = 15
"""The oldest major release whose features we use."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A published hole, the first minor release of each major without it, and how we hold it off, if we can."""

    cve: str
    what: str
    fixed: dict[int, int]
    held_off: str = ""

    def open_in(self, major: int, minor: int) -> bool:
        """Whether that release has it. Majors that aren't listed came later, without it."""
        return minor < self.fixed.get(major, 0)


_AUGUST_2026 = {15: 19, 16: 15, 17: 11, 18: 6}
_NOVEMBER_2026 = {15: 20, 16: 16, 17: 12, 18: 7}

HOLES = (
    Hole("CVE-2026-14666", "a cached plan could go by another role's policies", _AUGUST_2026),
    Hole("CVE-2026-16239", "whoever runs SQL could run programs, by declaring a cursor again", _AUGUST_2026),
    Hole(
        "CVE-2026-120154",
        "INSERT … ON CONFLICT DO UPDATE could read rows that policies hide",
        _NOVEMBER_2026,
        held_off="every key is led by the tenant, so that no conflict can be with another tenant's row",
    ),
)
"""The newest; each fixing release contains the fixes before it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands: `refused` says why it may not be used, `warnings` what its operator should know."""

    version: str
    refused: str = ""
    warnings: tuple[str, ...] = ()


def standing(server_version: int) -> Standing:
    """How a server with libpq's version number (180006 for 18.6) stands."""
    major, minor = divmod(server_version, 10_000)
    version = f"{major}.{minor}"
    if major < OLDEST:
        return Standing(version, f"PostgreSQL {version} is too old: Safehold needs {OLDEST} or newer")
    holes = [hole for hole in HOLES if hole.open_in(major, minor)]
    refused = ""
    if serious := [hole for hole in holes if not hole.held_off]:
        named = "; ".join(f"{hole.cve}: {hole.what}" for hole in serious)
        needed = max(hole.fixed[major] for hole in serious)
        refused = f"PostgreSQL {version} has holes that nothing here holds off ({named}); use {major}.{needed} or newer"
    warnings = tuple(
        f"PostgreSQL {version} has {hole.cve} ({hole.what}). Until {major}.{hole.fixed[major]}: {hole.held_off}"
        for hole in holes
        if hole.held_off
    )
    return Standing(version, refused, warnings)
