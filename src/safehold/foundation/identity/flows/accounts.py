"""Making accounts, and changing what they are known by."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity import selectors
from safehold.foundation.identity.events import ACCOUNT_CREATED, EMAIL_CHANGED, PASSWORD_CHANGED, PROFILE_CHANGED
from safehold.foundation.identity.flows.sessions import end_sessions
from safehold.foundation.identity.flows.telling import tell
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy
from safehold.kernel.errors import Conflict, Invalid, Problem

__all__ = ["change_password", "change_profile", "create_account", "email_changed", "ensure_account", "problems_of"]


def problems_of(place: str, error: ValidationError) -> tuple[Problem, ...]:
    """Django's complaints about one input as ours."""
    return tuple(Problem(place, message) for message in error.messages)


def create_account(
    *,
    scope: Scope,
    email: str,
    name: str,
    password: str | None,
    is_staff: bool = False,
    demo: bool = False,
    canary: bool = False,
    known: bool = True,
) -> Account:
    """Make an account. Its address is `known` to be its holder's: they hold a link sent to it, or staff vouch for it.

    Without a password its holder has to ask for a reset mail first. Raises Invalid with every problem, Conflict if
    there is an account with that address.
    """
    address = email.strip().lower()
    account = Account(id=new_id(), email=address, name=name.strip(), is_staff=is_staff, demo=demo, canary=canary)
    account.created_at = now()
    _check(account, password)
    account.set_password(password)
    with signing_in(scope) as inner:
        if selectors.account_by_email(address) is not None:
            raise Conflict("There is an account with this address already.")
        account.save(force_insert=True)
        if known:
            EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
        fields: Plain = {"account": str(account.id), "staff": is_staff}
        tell(scope=inner, event=ACCOUNT_CREATED, account=account, fields=fields)
    account.has_second_factor = False
    return account


def _check(account: Account, password: str | None) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        validate_email(account.email)
    except ValidationError:
        problems += (Problem("email", "an address such as anna@example.com"),)
    if password is not None:
        try:
            validate_password(password, account)
        except ValidationError as error:
            problems += problems_of("password", error)
    if problems:
        raise Invalid(problems=problems)


def ensure_account(
    *, scope: Scope, email: str, name: str, password: str, is_staff: bool = False, demo: bool = False
) -> Account:
    """The account with that address, made if there is none. An account that is there keeps its password."""
    with signing_in(scope):
        found = selectors.account_by_email(email)
    if found is not None:
        return found
    return create_account(scope=scope, email=email, name=name, password=password, is_staff=is_staff, demo=demo)


def change_password(*, scope: Scope, account: Account, password: str) -> None:
    """Set a new password that was found good enough, and end all the account's sessions.

    The session that asked goes on only because its face gives it a new key afterwards.
    """
    with signing_in(scope) as inner:
        account.set_password(password)
        account.save(update_fields=["password"])
        tell(scope=inner, event=PASSWORD_CHANGED, account=account, fields={"account": str(account.id)})
        end_sessions(scope=inner, account_id=account.id, reason="the password was changed")


def change_profile(*, scope: Scope, account: Account, name: str, language: str) -> None:
    """Keep the name and language that the account's holder wants."""
    wanted = {"name": name.strip(), "language": language}
    changed = [key for key, value in wanted.items() if getattr(account, key) != value]
    if not changed:
        return
    account.name, account.language = name.strip(), language
    with signing_in(scope):
        account.save(update_fields=["name", "language"])
    _update_copies(scope, account)
    fields = {"account": str(account.id), "changed": " and ".join(changed)}
    tell(scope=scope, event=PROFILE_CHANGED, account=account, fields=fields)


def _update_copies(scope: Scope, account: Account) -> None:
    """Bring the tenants' copies of the account's name and address up to date: each lists its people by itself."""
    own = Scope(Kind.ACCOUNT, actor=f"account:{account.id}", account_id=account.id, address=scope.address)
    with scoped(own):
        scopes = tenancy.scopes_of(scope=own)
    for inside in scopes:
        with scoped(inside):
            tenancy_flows.update_copies(
                scope=inside, account_id=account.id, email=account.email, name=str(account.name)
            )


def email_changed(*, scope: Scope, account: Account, old_email: str, except_: str) -> None:
    """Follow a changed address, which allauth has verified and stored: the event, and the end of all other sessions."""
    with signing_in(scope) as inner:
        tell(
            scope=inner,
            event=EMAIL_CHANGED,
            account=account,
            fields={"account": str(account.id)},
            personal={"old_email": old_email},
        )
        end_sessions(scope=inner, account_id=account.id, reason="the e-mail address was changed", except_=except_)
    _update_copies(scope, account)
