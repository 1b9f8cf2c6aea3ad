"""What we promise about who signs in, and how it is proved on the running system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from safehold.foundation.access.matrix import Role
from safehold.foundation.identity import canary, flows, selectors
from safehold.foundation.identity.errors import SecondFactorNeeded
from safehold.foundation.identity.probe import Browser
from safehold.foundation.identity.provokers import PROVOKERS
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Check, Finding, ProbeContext, Promise, broken, kept

__all__ = ["CHECKS", "PROMISES", "PROVOKERS"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "IDN-1",
        "Passwords can't be read back",
        "A password is stored only as a one-way hash made for the purpose, Argon2id or bcrypt, and is written to no "
        "log.",
    ),
    Promise(
        "IDN-2",
        "Weak passwords are refused",
        "A password has at least 15 characters and is neither commonly used nor easily guessed from the account. "
        "Nothing else is asked of it, and it doesn't expire.",
    ),
    Promise(
        "IDN-3",
        "Owners, admins and staff need a second factor",
        "Whoever owns or administers a workspace, and everybody on the platform's staff, reaches nothing before an "
        "authenticator app is set up. Everybody else may use one.",
    ),
    Promise(
        "IDN-4",
        "A code can be sent to the mobile phone",
        "Who prefers it can have the second factor sent to a phone by a registered sub-processor.",
    ),
    Promise(
        "IDN-5",
        "Sessions end when what they rest on changes",
        "A changed password, address, second factor or role ends the account's other sessions in the same moment.",
    ),
    Promise(
        "IDN-6",
        "Sessions run out",
        "A session ends after a time of inactivity and after a time in all. Both are shorter for owners, admins and "
        "staff.",
    ),
    Promise(
        "IDN-7",
        "Guessing is slowed down and noticed",
        "Tries to sign in are counted by account and by address, on every account, and refused beyond a limit. The "
        "count is shared by all servers and outlives them; each failure is in the log.",
    ),
    Promise(
        "IDN-8",
        "Unusual sign-ins and access are watched",
        "A new device or country, impossible travel, a burst of exports or of denials raises an event and a mail.",
    ),
    Promise(
        "IDN-9",
        "The last sign-in is shown to its holder",
        "The account keeps the address and device of the last sign-in and the language its holder prefers, and shows "
        "them.",
    ),
    Promise(
        "IDN-10",
        "Everybody has an account of their own",
        "Accounts are made by invitation for one person each; no sign-in is shared.",
    ),
)

_HASHES = re.compile(r"argon2\$argon2id|bcrypt_sha256\$\$2|bcrypt\$\$2b|!")
"""How a stored password may begin. `!` is an account without one."""

_WEAK = ("password", "correct horse", "passwordpassword", "123456789012345", "qwertyuiopasdfgh", "safehold-safehold")
_CHUNK = 1 << 20


def check_hashes(probe: ProbeContext) -> Finding:
    """Every stored password begins like a hash of the two kinds we allow."""
    with scoped(_outside()):
        kinds = selectors.hash_kinds()
    wrong = sum(count for kind, count in kinds.items() if not _HASHES.match(kind))
    counted = {("none" if kind == "!" else kind.partition("$")[0]): count for kind, count in kinds.items()}
    if wrong:
        return broken(
            f"{wrong} stored passwords are no Argon2id or bcrypt hash.", accounts=sum(kinds.values()), wrong=wrong
        )
    return kept(f"All {sum(kinds.values())} accounts: Argon2id, bcrypt or no password.", kinds=counted)


def check_logs(probe: ProbeContext) -> Finding:
    """After the canaries have signed in, their passwords stand in no log file."""
    installation: Installation = settings.SAFEHOLD
    for tenant_id in (probe.left, probe.right):
        with _visit(probe, tenant_id):
            pass
    words = [canary.password_of(tenant_id).encode() for tenant_id in (probe.left, probe.right)]
    files = sorted(path for path in installation.logs.rglob("*") if path.is_file())
    found = [path.name for path in files if _holds(path, words)]
    if found:
        return broken("A password that was typed stands in a log file.", files=found)
    return kept(f"Two planted passwords were typed and stand in none of {len(files)} log files.", files=len(files))


def _holds(path: Path, words: list[bytes]) -> bool:
    """Whether any of the words stands in the file, read in pieces that overlap by the longest word."""
    overlap, tail = max(map(len, words)), b""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            text = tail + piece
            if any(word in text for word in words):
                return True
            tail = text[-overlap:]
    return False


def check_weak_passwords(probe: ProbeContext) -> Finding:
    """Weak passwords are refused by what every form and flow asks."""
    passed = []
    for password in _WEAK:
        try:
            validate_password(password)
        except ValidationError:
            continue
        passed.append(len(password))
    if passed:
        return broken(f"{len(passed)} of {len(_WEAK)} weak passwords were accepted.", lengths=passed)
    return kept(f"All of {len(_WEAK)} weak passwords were refused.", tried=len(_WEAK))


def check_owner_without_factor(probe: ProbeContext) -> Finding:
    """A canary owner without a second factor signs in and reaches nothing but enrolment."""
    reached, tried = [], 0
    for tenant_id, slug in ((probe.left, "canary-left"), (probe.right, "canary-right")):
        with _visit(probe, tenant_id) as browser:
            enrolment = reverse("mfa_activate_totp")
            pages = ("/", f"/t/{slug}/", f"/t/{slug}/members/", reverse("account_profile"), reverse("account_sessions"))
            answers = {page: browser.get(page) for page in pages}
            reached += [page for page, answer in answers.items() if answer.location != enrolment]
            api = browser.get("/api/v1/members")
            reached += ["/api/v1/members"] if api.status < 400 else []
            tried += len(pages) + 1
            if browser.get(enrolment).status != 200:
                return broken("The canary owner can't reach enrolment, so the rest proves nothing.", tried=tried)
    if reached:
        return broken(f"An owner without a second factor reached {len(reached)} pages.", reached=reached, tried=tried)
    return kept(f"Owners without a second factor were sent to enrolment by all {tried} pages tried.", tried=tried)


def check_token_without_factor(probe: ProbeContext) -> Finding:
    """An API token of a canary owner without a second factor opens nothing. Nothing of it is kept."""
    for tenant_id in (probe.left, probe.right):
        with scoped(_outside()) as outside, _taken_back():
            account = selectors.account_by_email(canary.email_of(tenant_id))
            if account is None or account.has_second_factor:
                return broken("The canary owner is missing or was enrolled, so the rest proves nothing.")
            owner = _as_owner(account.id)
            with scoped(owner):
                _, text = flows.issue_token(scope=owner, name="probe", days=1)
            try:
                selectors.scope_for_token(text, outside.address)
            except SecondFactorNeeded:
                continue
            return broken("An API token of an owner without a second factor opened the workspace.")
    return kept("API tokens of owners without a second factor were refused.", tried=2)


def _as_owner(account_id: UUID) -> Scope:
    own = Scope(Kind.ACCOUNT, actor="system:probe", account_id=account_id, address="127.0.0.1")
    with scoped(own):
        return next(scope for scope in tenancy.scopes_of(scope=own) if scope.role is Role.OWNER)


def _outside() -> Scope:
    return Scope(Kind.SIGN_IN, actor="system:probe", address="127.0.0.1")


@contextmanager
def _visit(probe: ProbeContext, tenant_id: UUID) -> Iterator[Browser]:
    """A browser signed in as a canary's owner, signed out afterwards."""
    browser = Browser(probe.url)
    answer = browser.sign_in(canary.email_of(tenant_id), canary.password_of(tenant_id))
    if not answer.location:
        raise AssertionError(f"the canary owner could not sign in (status {answer.status})")
    try:
        yield browser
    finally:
        browser.sign_out()


@contextmanager
def _taken_back() -> Iterator[None]:
    """Whatever is written inside is undone."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


CHECKS: tuple[Check, ...] = (
    Check("IDN-1", "stored passwords", check_hashes),
    Check("IDN-1", "planted passwords in logs", check_logs),
    Check("IDN-2", "weak passwords", check_weak_passwords),
    Check("IDN-3", "an owner without a second factor", check_owner_without_factor),
    Check("IDN-3", "an owner's token without a second factor", check_token_without_factor),
)
