"""What this room stores. The tables are made by `sql/`; Django only reads and writes their rows."""

from __future__ import annotations

from django.db import models

__all__ = ["Consent", "Grant", "StaffMember"]


class StaffMember(models.Model):
    """One person on the platform's staff. The row stays when they leave, so that what they did keeps a name."""

    account_id = models.UUIDField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    duty = models.TextField()
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_member"
        managed = False

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A look into one tenant for one case, asked for by one of the staff.

    It is open from `from_at` until just before `until_at` unless it was ended; both are set when it opens: at once, or
    when the tenant approves. `decide_by` is when an undecided one lapses. The name is a copy, for the tenant to read.
    """

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    account_id = models.UUIDField()
    staff_name = models.TextField()
    case_number = models.TextField()
    reason = models.TextField()
    minutes = models.IntegerField()
    needs_approval = models.BooleanField()
    requested_at = models.DateTimeField()
    requested_by = models.TextField()
    decide_by = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.UUIDField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_by = models.UUIDField(null=True)
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(null=True)  # noqa: DJ001 - null while nobody has ended it

    class Meta:
        db_table = "staff_grant"
        managed = False


class Consent(models.Model):
    """Whether a tenant lets staff in only after it has approved. No row: it is told, not asked."""

    tenant_id = models.UUIDField(primary_key=True)
    needs_approval = models.BooleanField()
    changed_at = models.DateTimeField()
    changed_by = models.TextField()

    class Meta:
        db_table = "staff_consent"
        managed = False
