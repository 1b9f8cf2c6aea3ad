"""Which OCSF class, activity and severity each type of event is: one table, and a test that none is missing from it.

OCSF 1.5.0 (https://schema.ocsf.io/1.5.0). A type that this release doesn't know (one that a newer or older release
wrote) goes out as a base event, so that nothing is left out.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["CLASSES", "MAPPING", "UNKNOWN", "VERSION", "Class", "Mapping", "Severity"]

VERSION = "1.5.0"


class Severity(IntEnum):
    """OCSF's severities, as far as we use them."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4


class Class(NamedTuple):
    """A class of OCSF: its name, its category, and the activities that we use of it."""

    name: str
    category: tuple[int, str]
    activities: dict[int, str]


class Mapping(NamedTuple):
    """What one type of event is. `failed` marks what was refused or didn't come about."""

    class_uid: int
    activity_id: int
    severity: Severity = Severity.INFORMATIONAL
    failed: bool = False


_IAM = (3, "Identity & Access Management")
_APPLICATION = (6, "Application Activity")

CLASSES: dict[int, Class] = {
    0: Class("Base Event", (0, "Uncategorized"), {99: "Other"}),
    3001: Class(
        "Account Change",
        _IAM,
        {
            1: "Create",
            2: "Enable",
            3: "Password Change",
            5: "Disable",
            9: "Lock",
            10: "MFA Factor Enable",
            11: "MFA Factor Disable",
            99: "Other",
        },
    ),
    3002: Class("Authentication", _IAM, {1: "Logon", 2: "Logoff", 99: "Other"}),
    3004: Class(
        "Entity Management",
        _IAM,
        {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 8: "Enable", 9: "Disable", 12: "Suspend", 13: "Resume"},
    ),
    3005: Class("User Access Management", _IAM, {1: "Assign Privileges", 2: "Revoke Privileges", 99: "Other"}),
    6001: Class(
        "Web Resources Activity",
        _APPLICATION,
        {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 6: "Import", 7: "Export"},
    ),
    6003: Class("API Activity", _APPLICATION, {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other"}),
    6008: Class("Application Error", _APPLICATION, {1: "General Error"}),
}
"""The classes that the table uses."""

_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

UNKNOWN = Mapping(0, 99)

MAPPING: dict[str, Mapping] = {
    "account.closed": Mapping(3001, 5, _LOW),
    "account.created": Mapping(3001, 1),
    "account.email-changed": Mapping(3001, 99, _LOW),
    "account.password-changed": Mapping(3001, 3, _LOW),
    "account.profile-changed": Mapping(3001, 99),
    "account.recovery-code-used": Mapping(3002, 1, _MEDIUM),
    "account.recovery-codes-made": Mapping(3001, 99, _LOW),
    "account.reopened": Mapping(3001, 2, _LOW),
    "account.second-factor-added": Mapping(3001, 10),
    "account.second-factor-removed": Mapping(3001, 11, _MEDIUM),
    "account.sessions-ended": Mapping(3002, 2),
    "account.sign-in-failed": Mapping(3002, 1, _MEDIUM, failed=True),
    "account.sign-in-slowed": Mapping(3001, 9, _MEDIUM),
    "account.signed-in": Mapping(3002, 1),
    "account.signed-out": Mapping(3002, 2),
    "anchor.added": Mapping(3004, 1, _LOW),
    "anchor.contradicted": Mapping(6008, 1, _HIGH, failed=True),
    "anchor.ended": Mapping(3004, 4, _LOW),
    "audit.exported": Mapping(6001, 7, _LOW),
    "audit.listed": Mapping(6001, 7, _LOW),
    "audit.proved": Mapping(6001, 7),
    "audit.read": Mapping(6001, 2),
    "audit.verified": Mapping(6001, 2),
    "collection.changed": Mapping(6001, 3),
    "collection.created": Mapping(6001, 1),
    "collection.field-added": Mapping(6001, 3),
    "collection.field-changed": Mapping(6001, 3, _LOW),
    "department.created": Mapping(3004, 1),
    "department.deleted": Mapping(3004, 4, _LOW),
    "department.renamed": Mapping(3004, 3),
    "egress.ended": Mapping(3004, 9, _LOW),
    "egress.refused": Mapping(6003, 99, _MEDIUM, failed=True),
    "egress.registered": Mapping(3004, 1, _LOW),
    "guest.ended": Mapping(3005, 2),
    "guest.invited": Mapping(3005, 1, _LOW),
    "guest.joined": Mapping(3005, 1, _LOW),
    "hold.ended": Mapping(3004, 3, _LOW),
    "hold.placed": Mapping(3004, 3, _LOW),
    "import.entries-chosen": Mapping(3004, 3),
    "import.failed": Mapping(6001, 6, _LOW, failed=True),
    "import.finished": Mapping(6001, 6),
    "import.rows": Mapping(6001, 6),
    "invitation.accepted": Mapping(3005, 1),
    "invitation.sent": Mapping(3005, 99),
    "keys.created": Mapping(3004, 1),
    "keys.data-rotated": Mapping(3004, 3, _LOW),
    "keys.destroyed": Mapping(3004, 4, _HIGH),
    "keys.rotated": Mapping(3004, 3, _LOW),
    "keys.subject-destroyed": Mapping(3004, 4, _MEDIUM),
    "log.purged": Mapping(3004, 4, _LOW),
    "log.sealed": Mapping(3004, 3),
    "logs.pruned": Mapping(3004, 4),
    "logs.read": Mapping(6001, 2, _LOW),
    "member.changed": Mapping(3005, 1, _LOW),
    "member.invited": Mapping(3005, 1),
    "member.joined": Mapping(3005, 1),
    "member.removed": Mapping(3005, 2, _LOW),
    "object.removed": Mapping(6001, 4),
    "object.stored": Mapping(6001, 1),
    "object.swept": Mapping(6001, 4),
    "promises.proved": Mapping(6001, 2),
    "record.created": Mapping(6001, 1),
    "record.deleted": Mapping(6001, 4),
    "record.edited": Mapping(6001, 3),
    "record.imported": Mapping(6001, 6),
    "record.moved": Mapping(6001, 3),
    "record.restored": Mapping(6001, 3),
    "records.exported": Mapping(6001, 7, _LOW),
    "security.denied": Mapping(6003, 99, _MEDIUM, failed=True),
    "security.failed": Mapping(6008, 1, _HIGH, failed=True),
    "staff.added": Mapping(3005, 1, _MEDIUM),
    "staff.changed": Mapping(3005, 1, _MEDIUM),
    "staff.left": Mapping(3005, 2, _LOW),
    "stream.created": Mapping(3004, 1, _LOW),
    "stream.ended": Mapping(3004, 4, _MEDIUM),
    "stream.failing": Mapping(3004, 9, _MEDIUM, failed=True),
    "stream.paused": Mapping(3004, 12, _LOW),
    "stream.recovered": Mapping(3004, 8),
    "stream.resumed": Mapping(3004, 13),
    "support.asked": Mapping(3005, 99, _LOW),
    "support.consent-changed": Mapping(3004, 3, _LOW),
    "support.denied": Mapping(6003, 99, _MEDIUM, failed=True),
    "support.ended": Mapping(3005, 2),
    "support.looked": Mapping(6001, 2, _LOW),
    "support.opened": Mapping(3005, 1, _MEDIUM),
    "support.refused": Mapping(3005, 99),
    "tenant.changed": Mapping(3004, 3),
    "tenant.created": Mapping(3004, 1),
    "tenant.plan-changed": Mapping(3004, 3),
    "token.issued": Mapping(3004, 1, _LOW),
    "token.revoked": Mapping(3004, 9),
}
"""The only truth about how our events are told to others."""
