"""What identity stores. The tables are made by `sql/`; Django only reads and writes their rows."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from safehold.foundation.identity.passwords import normal

__all__ = ["Account", "ApiToken", "Attempt", "Invitation", "Session"]


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by address without regard to case; makes none (that is `flows.accounts`)."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account with that address."""
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """One person. What they may do is not here but in their memberships (tenancy).

    `last_login`, `last_address` and `last_device` are the newest sign-in, shown to their holder. `demo` marks made-up
    people whose present code `safehold demo code` prints; `canary` marks the two that checks sign in as.
    """

    id = models.UUIDField(primary_key=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.TextField(blank=True, default="")
    language = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    demo = models.BooleanField(default=False)
    canary = models.BooleanField(default=False)
    last_address = models.TextField(blank=True, default="")
    last_device = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    has_second_factor = False
    """Whether an authenticator app is enrolled; set by the selectors that load an account to act."""

    class Meta:
        db_table = "identity_account"
        managed = False

    def __str__(self) -> str:
        return self.name or self.email

    def set_password(self, raw_password: str | None) -> None:
        """Hash the password in its normal form."""
        super().set_password(normal(raw_password) if raw_password is not None else None)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password, in its normal form; an older kind of hash is made anew on the way."""
        return raw_password is not None and super().check_password(normal(raw_password))

    def get_full_name(self) -> str:
        """The name, or the address where there is none."""
        return str(self)


class Session(models.Model):
    """One browser's session. The cookie's value is nowhere: the key is its SHA-256, and `data` is sealed under it.

    The session is over at `ends_at`, or at `idle_ends_at`: `idle_seconds` after something was last heard of it.
    """

    key_hash = models.TextField(primary_key=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, db_constraint=False)
    data = models.BinaryField()
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    idle_seconds = models.IntegerField()
    idle_ends_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    address = models.TextField(default="")
    device = models.TextField(default="")
    language = models.TextField(default="")

    class Meta:
        db_table = "identity_session"
        managed = False


class ApiToken(models.Model):
    """A member's personal key to the API of one tenant. Only its SHA-256 is kept; `shown` is how it begins."""

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    member_id = models.UUIDField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False)
    name = models.TextField()
    shown = models.TextField()
    digest = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_address = models.TextField(default="")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_token"
        managed = False


class Invitation(models.Model):
    """A link that was mailed to an invited member or guest. Only its SHA-256 is kept; it works once, in time."""

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    member_id = models.UUIDField(null=True)
    guest_id = models.UUIDField(null=True)
    digest = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_invitation"
        managed = False


class Attempt(models.Model):
    """How often something was tried in the present window. `key` is a keyed hash: nobody can be read from it."""

    key = models.TextField(primary_key=True)
    window_ends_at = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        db_table = "identity_attempt"
        managed = False
