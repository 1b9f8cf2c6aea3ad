"""What the catalogue audit finds here that isn't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT", "SCRATCH", "UNPINNED"]

EXEMPT: dict[str, str] = {
    "django_migrations": "Which changes of the tables were made. Only the owner role reads or writes it.",
    "safehold.environment": "Which environment this database belongs to. Only the owner role writes it.",
    "safehold.ticket_key": "The keys that scope tickets are checked with. Only the owner role reads it.",
}

_GUARD = "Part of the guard of new tables, which only a superuser can make; no role of ours reaches it."

SCRATCH: dict[str, str] = {
    "bench_plain": "The baseline of `safehold bench isolation`: made-up rows without policies, dropped at its end.",
    "bench_policed": "The policed side of `safehold bench isolation`, filled before its policies bind.",
    "safehold_guard.changed": _GUARD,
    "safehold_guard.exempt": _GUARD,
}

# The functions of sql/002_ticket.sql: every name in them is qualified instead, which costs nothing on each call.
UNPINNED: dict[str, str] = {
    "safehold.scope_account": "6e833c589a24dfcaf254df728abb761112c404890967aa900df6e5d9e66e3454",
    "safehold.scope_account_outside": "9d5ce364ae8b0c56495c38b0ab83e632b7c0dddca43865942f78dcef72e5e03b",
    "safehold.scope_departments": "9c7433dba6d3b61f65c27380839288bfaf45ae11fdfe7bb621ca0b595554d5de",
    "safehold.scope_kind": "451b196a0ffd7d33a8375f6d3a00077730b34736eea98be2e0936fdbc7c22002",
    "safehold.scope_log": "65726da6a8953a84bbc1e0b0f550d6f508bfa86dfab787222fe9efc73b0dc093",
    "safehold.scope_log_write": "f2a7a78c073e765f772f2e01ca65353b581a1099482846067d7cc4898ef1a959",
    "safehold.scope_role": "b997c1a7ece2a60568c8e77747759ac621b22b2aebbdd6ba7a3ac9416361d3da",
    "safehold.scope_tenant": "bef3e5a00212faba74ab7e0024943baa4408d3a129f431a2644cad6aa4ab4b84",
    "safehold.scope_tenant_or_null": "2f440a6e4a01593e113adf3f644a7a637655c1f94b960c35a46b0534b112c058",
}
