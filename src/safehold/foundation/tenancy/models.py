"""Tenants, their departments and their members. The tables' keys, policies and references are in `sql/`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import Plan
from safehold.foundation.scope.clock import new_id, now

__all__ = ["Department", "Member", "Status", "Tenant"]

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
