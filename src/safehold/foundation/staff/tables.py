"""Tables of this room that aren't a tenant's own, and its other exceptions, with the reason."""

from __future__ import annotations

__all__ = ["DOORS", "EXEMPT", "OPEN_POLICIES", "OTHER_INDEXES"]

EXEMPT: dict[str, str] = {
    "staff_member": "The register of the platform's own staff: open to the platform, and to each their own row.",
}

OPEN_POLICIES: dict[str, str] = {
    "staff_grant.register": "The platform reads which grants it has given; it changes them in their tenant's scope.",
    "staff_grant.own_grants": "Outside of any tenant an account reads the grants that are its own.",
    "staff_grant.at_the_door": "The owner, with whose rights the door's functions run, sees the grants open now.",
}

OTHER_INDEXES: dict[str, str] = {
    "staff_grant_account": "Finds the grants of one of the staff, in all tenants.",
}

# The door's functions have their search_path pinned; their text is known here so that nobody puts another in its place.
DOORS: dict[str, str] = {
    "safehold.staff_rule": "ea0a33bf56889ed9a0fdc87beb54936fd597c1dd218067f89f9aaed8a0d633d8",
    "safehold.staff_tenant": "652706f5012695c64ae68fa3d127ab9e10b32105dd71ef02174db36a5efd4f00",
    "safehold.staff_until": "3b2d25f27581b39ae4c493584f1bcd745dca606918b0da25770269b43b93a286",
    "safehold.staff_would_open": "5e97193df3aed88d199d324f6d1c9f6ee4c2184b6448e40db298a4cce26cd1bd",
}
