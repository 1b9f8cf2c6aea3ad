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
    "safehold.scope_account_outside": "f70c8dcc75e247e856122ab32078e0aef30e19f6110b3b09a2d8a5a6d8ee2304",
    "safehold.scope_departments": "a1e1a1d35f1ac557e5ba84b1c5c7c98fb12589b077f57ad77901c41272436d12",
    "safehold.scope_kind": "8df0f9bbab0f6c208df9f1449db03dc75d485222913d87a7619262ed9504a66c",
    "safehold.scope_log": "c709c60495c18a0c0adb7ab428fae48a2add6ce3c23b172396329f9e82ecae9e",
    "safehold.scope_log_write": "2d2aa8bcab4f46767c858b1ab33885c330b95b3739362fcbd7d7cf1efb77e76e",
    "safehold.scope_role": "37b551860de42e48ce46172280b29f850413f83528606df78e9eb4083bb1ebad",
    "safehold.scope_tenant": "a40125303c2d535196f4f798748bca8e3791e7c938741690048da7ca544ac160",
    "safehold.scope_tenant_or_null": "10621109f369d7dad8d1383ccdcecba3b7d20ee71d2c2ebfdef62fa81259bf81",
}

# What the staff room's functions are let in by: its text is known here so that nobody puts another in its place.
DOORS: dict[str, str] = {
    "safehold.staff_ticket": "5e2b37ee0f0dd569e8025540017a1b0a9e8fe47f337696dd6d9ac4005fbe72db",
}
