"""Row-level security, once allauth's tables are there too."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Runs after the newest of allauth's migrations that we were written against: FORCE binds the owner as well."""

    dependencies = [
        ("identity", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [RunSQLFile("safehold.foundation.identity", "002_rights.sql")]
