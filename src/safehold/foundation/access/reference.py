"""The permission matrix as a page of the reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet

from safehold.foundation.access.matrix import (
    FIELD_READS,
    FIELD_WRITES,
    GRANTS,
    NEEDS_SECOND_FACTOR,
    FieldClass,
    Permission,
    Role,
)

__all__ = ["render"]

_INTRODUCTION = """# Access

Every tenant has seven roles. A member holds one, and reaches either every department of the tenant or only those named.
A department that a member doesn't reach is closed in the database itself, not only on the page.

## What each role may do

Three permissions are doors rather than grants: `public` (everybody), `signed-in` (everybody with an account) and
`member` (every member of the tenant).
"""
_SEE = """
## Which fields each role sees

A field of a class that a role doesn't see is absent from pages, lists, search, history, exports and the API.
"""
_WRITE = """
## Which fields each role may write

Together with the permission to create or edit the record.
"""
_SECOND_FACTOR = """
## Second factor

Until they have set up a second factor, these roles reach nothing but the page where they do: {roles}.
"""


def render() -> str:
    """The page as Markdown."""
    doors = {Permission.PUBLIC, Permission.SIGNED_IN, Permission.MEMBER}
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
            _SECOND_FACTOR.format(roles=roles),
        ]
    )


def _table(
    first: str, rows: Iterable[Permission | FieldClass], held: Mapping[Role, AbstractSet[Permission | FieldClass]]
) -> str:
    head = f"\n| {first} | " + " | ".join(Role) + " |\n| --- |" + " :-: |" * len(Role) + "\n"
    lines = (f"| `{row}` | " + " | ".join("●" if row in held[role] else "" for role in Role) + " |\n" for row in rows)
    return head + "".join(lines)
