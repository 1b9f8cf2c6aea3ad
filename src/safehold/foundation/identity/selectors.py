"""Reads of identity's rows. The functions without a scope are for callers that have bound the sign-in kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from safehold.foundation.access.matrix import NEEDS_SECOND_FACTOR, Guest, Permission, Role
from safehold.foundation.identity import credentials
from safehold.foundation.identity.errors import InvitationGone, SecondFactorNeeded, TokenRefused
from safehold.foundation.identity.models import Account, ApiToken, Invitation, Session
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import current_scope, scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import NotFound

__all__ = [
    "Invited",
    "account",
    "account_by_email",
    "accounts",
    "all_accounts",
    "hash_kinds",
    "held_open",
    "invitation",
    "live_sessions",
    "needs_second_factor",
    "recovery_codes_left",
    "roles_of",
    "scope_for_token",
    "sessions_of",
    "signing_in",
    "staff_accounts",
    "token",
    "token_holders",
    "token_of",
    "tokens",
]


@contextmanager
def signing_in(scope: Scope) -> Iterator[Scope]:
    """The sign-in kind for the same actor and address, inside the open transaction; `scope` itself where it is that.

    Identity's rows are open to no other kind; flows that begin in a tenant's scope reach them through here.
    """
    if scope.kind is Kind.SIGN_IN:
        yield scope
        return
    inner = Scope(Kind.SIGN_IN, actor=scope.actor, account_id=scope.account_id, address=scope.address)
    with scoped(inner):
        yield inner


def accounts() -> QuerySet[Account]:
    """All accounts, each with `has_second_factor`. Sign-in kind."""
    totp = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    enrolled = {"has_second_factor": Exists(totp)}  # by name: it fills an attribute that the model declares
    return Account.objects.annotate(**enrolled)


def account(account_id: UUID) -> Account:
    """The account with that id. Sign-in kind."""
    found = accounts().filter(id=account_id).first()
    if found is None:
        raise NotFound("There is no such account.")
    return found


def account_by_email(email: str) -> Account | None:
    """The account with that address, in whatever case it was typed; None where there is none. Sign-in kind."""
    return accounts().filter(email=email.strip().lower()).first()


def all_accounts(*, scope: Scope) -> list[Account]:
    """Every person's account, by address; the canaries aren't people. For the operator's command line."""
    with signing_in(scope):
        return list(accounts().filter(canary=False).order_by("email"))


def roles_of(*, scope: Scope, account_id: UUID) -> frozenset[Role | Guest]:
    """The roles that an account has in any tenant, and as what it is a guest."""
    return frozenset(membership.role for membership in tenancy.memberships_of(account_id))


def needs_second_factor(*, scope: Scope, account: Account) -> bool:
    """Whether the account may do nothing without a second factor: staff, owners and admins of any tenant, auditors."""
    return account.is_staff or bool(roles_of(scope=scope, account_id=account.id) & NEEDS_SECOND_FACTOR)


def recovery_codes_left(*, scope: Scope, account_id: UUID) -> int:
    """How many recovery codes the account hasn't used. Sign-in kind."""
    kept = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(RecoveryCodes(kept).get_unused_codes()) if kept else 0


def live_sessions() -> QuerySet[Session]:
    """The sessions that are neither idle for too long nor at their end. Sign-in kind."""
    moment = now()
    return Session.objects.filter(ends_at__gt=moment, idle_ends_at__gt=moment)


def sessions_of(*, scope: Scope, account_id: UUID) -> list[Session]:
    """An account's living sessions, the last used first."""
    with signing_in(scope):
        return list(live_sessions().filter(account_id=account_id).order_by("-last_seen_at"))


def tokens(scope: Scope) -> QuerySet[ApiToken]:
    """The member's own tokens in this tenant, newest first; everybody's for who manages members."""
    scope.require(Permission.TOKENS_MANAGE)
    found = ApiToken.objects.filter(tenant_id=scope.tenant).order_by("-created_at")
    if scope.can(Permission.MEMBERS_MANAGE):
        return found
    return found.filter(member_id=scope.member_id) if scope.member_id else found.none()


def token(scope: Scope, token_id: UUID) -> ApiToken:
    """One of the tokens that `tokens` lists."""
    found = tokens(scope).filter(id=token_id).first()
    if found is None:
        raise NotFound("There is no such token.")
    return found


def token_of(text: str) -> ApiToken:
    """The living token that `text` is; TokenRefused whatever is wrong with it. Sign-in kind."""
    found = None
    if credentials.is_token(text):
        living = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now(), account__is_active=True)
        found = living.filter(digest=credentials.digest(text)).first()
    if found is None:
        raise TokenRefused
    return found


def scope_for_token(text: str, address: str) -> Scope:
    """The scope that an API token opens: its holder's, in its tenant, as the holder's role is now.

    Raises TokenRefused, or SecondFactorNeeded while the holder's roles need a second factor that isn't there.
    """
    with signing_in(current_scope()) as inner:
        found = token_of(text)
        holder = account(found.account_id)
        if not holder.has_second_factor and needs_second_factor(scope=inner, account=holder):
            raise SecondFactorNeeded("This token's holder has to set up a second factor first.")
    bare = Scope(Kind.TENANT, actor=f"member:{found.member_id}", tenant_id=found.tenant_id, address=address)
    with scoped(bare):
        try:
            return tenancy.scope_of_member(scope=bare, member_id=found.member_id)
        except NotFound:
            raise TokenRefused from None


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation's link stands for. `account` is the one that has the invited address already."""

    invitation_id: UUID
    scope: Scope
    member_id: UUID | None
    guest_id: UUID | None
    email: str
    name: str
    role: str
    slug: str
    workspace: str
    account: Account | None
    until: datetime | None = None
    """When a guest's place ends."""

    @property
    def start(self) -> str:
        """The name of the page that it leads to."""
        return "activity" if self.guest_id else "tenant-home"


def invitation(*, scope: Scope, link: str) -> Invited:
    """The open invitation that a link is for; InvitationGone if it was used, replaced or has run out. Sign-in kind."""
    living = Invitation.objects.filter(used_at=None, expires_at__gt=now())
    found = living.filter(digest=credentials.digest(link)).first()
    if found is None:
        raise InvitationGone
    inside = tenancy.system_scope(found.tenant_id, "invitation")
    with scoped(inside):
        tenant = tenancy.tenant(inside)
        guest = tenancy.guest(inside, found.guest_id) if found.guest_id else None
        member = guest or tenancy.member(inside, found.member_id or found.id)
    if member.status != "invited":
        raise InvitationGone
    return Invited(
        invitation_id=found.id,
        scope=inside,
        member_id=found.member_id,
        guest_id=found.guest_id,
        email=member.email,
        name=member.name,
        role=member.role,
        slug=tenant.slug,
        workspace=tenant.name,
        account=account_by_email(member.email),
        until=guest.until_at if guest else None,
    )


def staff_accounts(scope: Scope) -> dict[UUID, bool]:
    """Every account that is marked as staff's, and whether it is open."""
    with signing_in(scope):
        return dict(Account.objects.filter(is_staff=True).values_list("id", "is_active"))


def held_open(scope: Scope, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What is open to these accounts although nothing should be: the account itself, or a session."""
    wanted = list(account_ids)
    with signing_in(scope):
        seen = live_sessions().filter(account_id__in=wanted).values_list("account_id", flat=True)
        found = dict.fromkeys(seen, "a session")
        still = Account.objects.filter(Q(is_active=True) | Q(is_staff=True), id__in=wanted).values_list("id", flat=True)
        return {**found, **dict.fromkeys(still, "the account")}


def token_holders(scope: Scope) -> set[tuple[UUID, UUID]]:
    """Who holds an API token that works: tenant and member."""
    with signing_in(scope):
        living = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now(), account__is_active=True)
        return set(living.values_list("tenant_id", "member_id"))


def hash_kinds() -> dict[str, int]:
    """How many stored passwords there are by how they begin; all accounts without one count as "!". Sign-in kind."""
    without = Q(("password__startswith", "!"))
    start = Case(When(without, then=Value("!")), default=Substr("password", 1, 16))
    rows = Account.objects.annotate(start=start).values_list("start").annotate(count=Count("id"))
    return dict(rows.order_by("start"))
