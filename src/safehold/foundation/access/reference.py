"""The permission matrix as a page of the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet

from safehold.foundation.access.addresses import Address, addresses
from safehold.foundation.access.matrix import (
    FIELD_READS,
    FIELD_WRITES,
    GRANTS,
    GUEST_GRANTS,
    NEEDS_SECOND_FACTOR,
    FieldClass,
    Guest,
    Permission,
    Role,
)
from safehold.foundation.access.plans import PLANS, TITLES, Feature, Plan, in_words

__all__ = ["render"]

_INTRODUCTION = """# Access

Every tenant has seven roles. A member holds one, and reaches either every department of the tenant or only those named.
A department that a member doesn't reach is closed in the database itself, not only on the page.

## What each role may do

Four permissions are doors rather than grants: `public` (everybody), `signed-in` (everybody with an account), `member`
(every member of the tenant) and `staff` (the platform's staff, outside any tenant). Staff who look into a tenant by a
grant have the rights of a viewer there, and only to read.
"""
_SEE = """
## Which fields each role sees

A field of a class that a role doesn't see is absent from pages, lists, search, history, exports and the API.
"""
_WRITE = """
## Which fields each role may write

Together with the permission to create or edit the record.
"""
_GUESTS = """
## Guests

A guest is no member: somebody from outside whom an owner lets in for one purpose and until a moment. They hold no role,
reach no department and see no class of field. The database opens the workspace's log to them, to be read, and asks at
each statement whether their place is still open.

| permission | {guests} |
| --- |{columns}
"""
_SECOND_FACTOR = """
## Second factor

Until they have set up a second factor, these roles and guests reach nothing but the page where they do: {roles}. So do
staff.
"""


_PLANS = """
## What depends on the plan

Everything else, and all that keeps a workspace safe, is on every plan. A plan is changed with
`safehold tenant plan TENANT PLAN`. Nothing is deleted by that: what a smaller plan has less of stays to be read, and
nothing is added to it; tokens are kept and open nothing until the plan has them again.
"""

_ADDRESSES = """
## What each address needs

Pages have no method here; what they change needs the permission that they are opened with, except that the forms on
departments and settings need `tenancy:departments:manage` and `tenancy:settings:manage`. A test asks every address as
every role, in its own workspace and in another's.

| address | methods | permission |
| --- | --- | --- |
"""


def render() -> str:
    """The page as Markdown."""
    doors = {Permission.PUBLIC, Permission.SIGNED_IN, Permission.MEMBER, Permission.STAFF}
    granted = sorted(set(Permission) - doors)
    roles = ", ".join(sorted(role.value for role in NEEDS_SECOND_FACTOR))
    return "".join(
        [
            _INTRODUCTION,
            _table("permission", granted, GRANTS),
            _SEE,
            _table("class", FieldClass, FIELD_READS),
            _WRITE,
            _table("class", FieldClass, FIELD_WRITES),
            _guests(),
            _SECOND_FACTOR.format(roles=roles),
            _PLANS,
            "\n| feature | " + " | ".join(Plan) + " |\n| --- |" + " :-: |" * len(Plan) + "\n",
            *(_plan_line(feature) for feature in Feature),
            _ADDRESSES,
            *(_address_line(address) for address in addresses()),
        ]
    )


def _table(
    first: str, rows: Iterable[Permission | FieldClass], held: Mapping[Role, AbstractSet[Permission | FieldClass]]
) -> str:
    head = f"\n| {first} | " + " | ".join(Role) + " |\n| --- |" + " :-: |" * len(Role) + "\n"
    lines = (f"| `{row}` | " + " | ".join("●" if row in held[role] else "" for role in Role) + " |\n" for row in rows)
    return head + "".join(lines)


def _guests() -> str:
    head = _GUESTS.format(guests=" | ".join(Guest), columns=" :-: |" * len(Guest))
    held = sorted(set().union(*GUEST_GRANTS.values()))
    marks = {row: ("●" if row in GUEST_GRANTS[guest] else "" for guest in Guest) for row in held}
    return head + "".join(f"| `{row}` | {' | '.join(marks[row])} |\n" for row in held)


def _plan_line(feature: Feature) -> str:
    return f"| {TITLES[feature]} | " + " | ".join(in_words(PLANS[plan][feature]) for plan in Plan) + " |\n"


def _address_line(address: Address) -> str:
    return f"| `/{address.pattern}` | {', '.join(address.methods)} | `{address.permission}` |\n"
