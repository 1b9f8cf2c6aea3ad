"""The register of tasks, and the doors to the queue."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL, beside the tables of the library."""

    initial = True
    dependencies = [("scope", "0001_scope"), ("procrastinate", "0041_post_retry_failed_job")]
    operations = [RunSQLFile("safehold.foundation.jobs", "001_queue.sql")]
