"""Limits of this room."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

__all__ = ["DECIDE_WITHIN", "SHARED_NAMES", "longest_minutes"]

DECIDE_WITHIN = timedelta(days=3)
"""How long a tenant may think a request over before it lapses."""

SHARED_NAMES = frozenset(
    """abuse admin administrator all billing contact desk dev developers devops engineering everyone help helpdesk hello
    info it mail noc office oncall operations operator ops postmaster root sales security service services shared staff
    support sysadmin system team tech test user webmaster""".split()  # noqa: SIM905  (a list of words reads best as words)
)
"""What stands before the @ of addresses that more than one person reads; no account of staff has one."""


def longest_minutes() -> int:
    """The longest look that may be asked for, by the installation's setting."""
    return int(settings.SAFEHOLD.support_minutes)
