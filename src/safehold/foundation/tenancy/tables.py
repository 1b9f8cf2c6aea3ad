"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["DOORS", "EXEMPT", "OPEN_POLICIES", "OTHER_INDEXES"]

EXEMPT: dict[str, str] = {
    "tenancy_tenant": "The register of tenants: a row is a tenant. Its own policies open a row to its tenant's "
    "scope, to the platform, and to accounts that are members or guests of it.",
}

# Asked by scope_log and scope_guest; its text is known here so that nobody puts another in its place.
DOORS: dict[str, str] = {"safehold.guest_tenant": "54d452625fbc6464690576d70389d39d0dcabe0063841abebe49d1d5b6afb188"}

OPEN_POLICIES: dict[str, str] = {
    "tenancy_member.own_memberships": "Outside of any tenant an account reads its own memberships, to choose one.",
    "tenancy_member.x_guest": "A guest reads the names of members whom the log names.",
    "tenancy_guest.own_places": "Outside of any tenant an account reads where it is a guest, to choose one.",
    "tenancy_guest.at_the_door": "The owner, with whose rights the door's function runs, sees the places open now.",
    "keys_data_key.x_guest": "A guest reads the wrapped keys of what lies sealed beside events, and of nothing else.",
    "tenancy_department.where_member": "Outside of any tenant an account reads where its memberships reach.",
}

OTHER_INDEXES: dict[str, str] = {
    "tenancy_guest_account": "Finds where an account is a guest, asked before a tenant is known.",
    "tenancy_member_account": "Finds an account's memberships, the one question asked before a tenant is known.",
}
