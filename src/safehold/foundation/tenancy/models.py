"""Tenants, their departments and their members. The tables' keys, policies and references are in `sql/`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import Plan
from safehold.foundation.scope.clock import new_id, now

__all__ = ["Department", "Guest", "Member", "Status", "Tenant"]

_PLANS = [(plan.value, plan.value.capitalize()) for plan in Plan]


class Status(models.TextChoices):
    """Where a membership stands."""

    INVITED = "invited"
    ACTIVE = "active"
    LEFT = "left"


class Tenant(models.Model):
    """A customer company. A canary is one of the two that every installation carries for its own probes.

    `last_department` is the highest number ever given to a department: numbers aren't given twice, because members and
    rows hold them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    plan = models.CharField(max_length=20, choices=_PLANS, default=Plan.STARTER.value)
    language = models.CharField(max_length=10, default="en-gb")
    canary = models.BooleanField(default=False)
    last_department = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=now)

    class Meta:
        """Deferrable, like every key that isn't led by the tenant: sql/003_protect.sql of scope says why."""

        constraints = [
            models.UniqueConstraint(
                fields=["slug"], name="tenancy_tenant_slug_once", deferrable=models.Deferrable.IMMEDIATE
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Department(models.Model):
    """A part of a tenant that rows can belong to. Number 0 always exists and can't be deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    number = models.IntegerField()
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """An account's place in a tenant.

    `email` and `name` are copies of the account's, for lists inside the tenant, which doesn't read accounts. Without
    `departments` the member reaches them all.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    account_id = models.UUIDField(null=True)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    status = models.CharField(max_length=10, choices=Status, default=Status.INVITED)
    departments = ArrayField(models.IntegerField(), default=list, blank=True)
    created_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email


class Guest(models.Model):
    """Somebody who is let in for one purpose until `until_at`, and is no member: an auditor reads the log.

    `kind` is one of `access.matrix.Guest`. Nothing has to run for it to end: the database asks for the time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    account_id = models.UUIDField(null=True)
    kind = models.TextField()
    email = models.TextField()
    name = models.TextField(blank=True)
    until_at = models.DateTimeField()
    invited_at = models.DateTimeField(default=now)
    invited_by = models.TextField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenancy_guest"
        managed = False

    def __str__(self) -> str:
        return self.email

    @property
    def reference(self) -> str:
        """How events name them."""
        return f"guest:{self.id}"

    @property
    def role(self) -> str:
        """What they are let in as: where a member has a role."""
        return self.kind

    @property
    def status(self) -> str:
        """Where it stands: invited, active, or left, as a membership does."""
        if self.ended_at is not None or self.until_at <= now():
            return Status.LEFT.value
        return Status.ACTIVE.value if self.accepted_at else Status.INVITED.value
