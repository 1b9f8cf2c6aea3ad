"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT", "OPEN_POLICIES", "OTHER_INDEXES"]

EXEMPT: dict[str, str] = {
    "tenancy_tenant": "The register of tenants: a row is a tenant. Its own policies open a row to its tenant's "
    "scope, to the platform, and to accounts that are members of it.",
}

OPEN_POLICIES: dict[str, str] = {
    "tenancy_member.own_memberships": "Outside of any tenant an account reads its own memberships, to choose one.",
    "tenancy_department.where_member": "Outside of any tenant an account reads where its memberships reach.",
}

OTHER_INDEXES: dict[str, str] = {
    "tenancy_member_account": "Finds an account's memberships, the one question asked before a tenant is known.",
}
