"""Runs of the checks and what they found. Written once, never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from safehold.kernel.promise import Result

__all__ = ["PromiseResult", "Run"]


class Run(models.Model):
    """One run of some or all checks. `cause` is what started it: "schedule" or "command"."""

    id = models.UUIDField(primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    cause = models.TextField()

    class Meta:
        db_table = "assurance_run"
        managed = False


class PromiseResult(models.Model):
    """What one run found for one promise. `digest` is the SHA-256 of the canonical evidence."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.DO_NOTHING, related_name="results")
    promise = models.TextField()
    result = models.TextField(choices=[(result.value, result.value) for result in Result])
    summary = models.TextField()
    evidence: models.JSONField[Any] = models.JSONField()
    digest = models.BinaryField()
    seconds = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        db_table = "assurance_result"
        managed = False
        ordering: ClassVar[list[str]] = ["-at"]
