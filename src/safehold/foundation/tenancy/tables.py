"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT"]

EXEMPT: dict[str, str] = {
    "tenancy_tenant": "The register of tenants: a row is a tenant. Its own policies open a row to its tenant's "
    "scope, to the platform, and to accounts that are members of it.",
}
