"""`Scope`: who acts, where, with what right, for one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from safehold.foundation.access.matrix import FIELD_READS, GRANTS, FieldClass, Guest, Permission, Role, can
from safehold.kernel.errors import Denied
from safehold.kernel.ids import PLATFORM

__all__ = ["Kind", "Scope"]


class Kind(StrEnum):
    """What a scope opens. Policies name the kinds they accept; nothing accepts all.

    TENANT: one tenant's rows. ACCOUNT: the account's own rows, before it has chosen a tenant. SIGN_IN: account rows,
    for the pages that find out who somebody is. PLATFORM: the register of tenants and the platform's own log. STAFF:
    one tenant's rows, to read, by a grant that the database checks; it runs on a login of its own. GUEST: one tenant's
    log, to read, by a guest's place that the database checks.
    """

    TENANT = "tenant"
    ACCOUNT = "account"
    SIGN_IN = "sign-in"
    PLATFORM = "platform"
    STAFF = "staff"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who acts, in which tenant, with which role and departments, for one transaction.

    `actor` names the one who acts as events keep it: "member:<uuid>", "account:<uuid>", "staff:<uuid>" (the
    account's), "guest:<uuid>", "system:<process>".
    `departments` are the numbers of all departments whose rows may be reached: the member's own, or, for one who isn't
    scoped to any, every one of the tenant's. `address` is where the request came from. `staff` says that
    the account, outside of any tenant, is one of the platform's staff.
    """

    kind: Kind
    actor: str
    tenant_id: UUID | None = None
    account_id: UUID | None = None
    member_id: UUID | None = None
    role: Role | Guest | None = None
    departments: tuple[int, ...] = ()
    address: str = ""
    staff: bool = False

    @property
    def log_id(self) -> UUID:
        """The log that this scope's events belong to: the tenant's, or the platform's."""
        return self.tenant_id or PLATFORM

    @property
    def tenant(self) -> UUID:
        """The tenant's id, where there has to be one."""
        if self.tenant_id is None:
            raise Denied("This needs a tenant.", hint="Open one of your workspaces first.")
        return self.tenant_id

    @property
    def readable(self) -> frozenset[FieldClass]:
        """The classes of field that this scope may see; none without a role, and none for a guest."""
        return FIELD_READS[self.role] if isinstance(self.role, Role) else frozenset()

    def can(self, permission: Permission) -> bool:
        """Whether this scope's role holds the permission."""
        return self.staff if permission is Permission.STAFF else can(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise `Denied` unless this scope's role holds the permission."""
        if permission is Permission.STAFF and not self.staff:
            raise Denied("This is for the platform's staff.", permission=permission.value)
        if not self.can(permission):
            message = f"This needs the permission {permission.value}, which your role doesn't have."
            raise Denied(message, permission=permission.value, hint=_who_can(permission))


def _who_can(permission: Permission) -> str:
    """Whom to turn to: the roles that hold the permission."""
    roles = [role.value for role in Role if permission in GRANTS[role]]
    return f"These roles may do it: {', '.join(roles)}. An owner or admin can change yours."
