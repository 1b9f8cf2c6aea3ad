"""The matrix is whole, and the page about it says the same."""

from __future__ import annotations

import re

import pytest

from safehold.foundation.access.matrix import FIELD_READS, FIELD_WRITES, GRANTS, FieldClass, Permission, Role, can
from safehold.foundation.access.reference import render
from safehold.foundation.access.trials import DOORS


def test_every_role_is_in_every_table():
    for table in (GRANTS, FIELD_READS, FIELD_WRITES):
        assert set(table) == set(Role)
    assert len(Role) == 7


def test_every_permission_is_somebodys():
    assert set().union(*GRANTS.values()) == set(Permission) - DOORS


def test_permissions_are_named_by_area_object_and_verb():
    for permission in set(Permission) - DOORS:
        assert re.fullmatch(r"[a-z]+:[a-z]+:[a-z]+", permission)


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("permission", Permission)
def test_every_cell(role, permission):
    expected = (
        permission is Permission.PUBLIC
        or (role is not None and permission in DOORS - {Permission.STAFF})
        or (role is not None and permission in GRANTS[role])
    )
    assert can(role, permission) is expected


def test_owners_see_every_field_and_viewers_only_open_ones():
    assert FIELD_READS[Role.OWNER] == set(FieldClass)
    assert FIELD_READS[Role.VIEWER] == FIELD_READS[Role.EMPLOYEE] == {FieldClass.OPEN}


def test_the_page_says_what_the_matrix_says():
    text = render()
    columns = next(line for line in text.splitlines() if line.startswith("| permission |"))
    roles = [Role(cell.strip()) for cell in columns.split("|")[2:-1]]
    assert roles == list(Role)
    for permission in set(Permission) - DOORS:
        line = next(line for line in text.splitlines() if line.startswith(f"| `{permission}` |"))
        marks = [cell.strip() for cell in line.split("|")[2:-1]]
        assert [mark == "●" for mark in marks] == [can(role, permission) for role in roles]
    assert "admin, auditor, owner." in text
