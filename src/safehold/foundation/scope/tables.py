"""What the catalogue audit finds here that isn't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["DOORS", "EXEMPT", "SCRATCH", "UNPINNED"]

EXEMPT: dict[str, str] = {
    "django_migrations": "Which changes of the tables were made. Only the owner role reads or writes it.",
    "safehold.environment": "Which environment this database belongs to. Only the owner role writes it.",
    "safehold.ticket_key": "The keys that scope tickets are checked with. Only the owner role reads it.",
}

_GUARD = "Part of the guard of new tables, which only a superuser can make; no role of ours reads or writes it."

SCRATCH: dict[str, str] = {
    "bench_plain": "The baseline of `safehold bench isolation`: made-up rows without policies, dropped at its end.",
    "bench_policed": "The policed side of `safehold bench isolation`, filled before its policies bind.",
    "safehold_guard.changed": _GUARD,
    "safehold_guard.exempt": _GUARD,
}

# The functions of sql/002_ticket.sql: every name in them is qualified instead, which costs nothing on each call.
UNPINNED: dict[str, str] = {
    "safehold.scope_account": "672f1fec3fc3be2e3f58d3ae0e9fe1389215182b4a6501458cf22a31be2f391b",
    "safehold.scope_account_outside": "20bf491df56c836eb09a9933a3f89fb143e568073520502cd125a3c16a0290ca",
    "safehold.scope_departments": "a1e1a1d35f1ac557e5ba84b1c5c7c98fb12589b077f57ad77901c41272436d12",
    "safehold.scope_guest": "6255e8d92122b2b5955a138c59b5f09f7023c83331c0730e98daf4688ee8cb28",
    "safehold.scope_kind": "6528dc4a2cafbafe75230d3580ff16511daf386adf0833a06b947cb24ffe1ab8",
    "safehold.scope_log": "faff5cdb56ce38e4172aa2321bb93509b912f9a2dfb0a737a47d122b2729851c",
    "safehold.scope_log_write": "e68a34b36b77fab50de2167af90fe498110ac83368f4f5fd8b05b046498d7600",
    "safehold.scope_role": "37b551860de42e48ce46172280b29f850413f83528606df78e9eb4083bb1ebad",
    "safehold.scope_tenant": "a40125303c2d535196f4f798748bca8e3791e7c938741690048da7ca544ac160",
    "safehold.scope_tenant_or_null": "10621109f369d7dad8d1383ccdcecba3b7d20ee71d2c2ebfdef62fa81259bf81",
}

# What the staff room's functions are let in by: its text is known here so that nobody puts another in its place.
DOORS: dict[str, str] = {
    "safehold.staff_ticket": "5e2b37ee0f0dd569e8025540017a1b0a9e8fe47f337696dd6d9ac4005fbe72db",
}
