"""Invitations of guests, beside those of members."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL."""

    dependencies = [("identity", "0002_rights"), ("tenancy", "0002_guests")]

    operations = [RunSQLFile("safehold.foundation.identity", "003_guests.sql")]
