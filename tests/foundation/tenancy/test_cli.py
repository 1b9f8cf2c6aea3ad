"""The commands for tenants, departments and members, as an operator types them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from safehold.foundation.scope.clock import new_id
from safehold.kernel.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.usefixtures("installation")


def run(*arguments: str) -> str:
    from safehold.foundation.tenancy.cli import COMMANDS

    command = next(command for command in COMMANDS if command.name == arguments[0])
    result = CliRunner().invoke(command, arguments[1:], catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.fixture
def slug() -> str:
    slug = f"cli-{new_id().hex[-12:]}"
    run("tenant", "create", "Command Line Ltd", "--slug", slug, "--owner", "boss@example.com")
    return slug


def test_a_workspace_from_the_command_line(slug: str):
    shown = json.loads(run("tenant", "show", slug, "--json"))
    assert shown["name"] == "Command Line Ltd"
    assert shown["departments"] == {"0": "General"}
    assert shown["members"] == {"invited": 1}
    assert slug in run("tenant", "list")
    assert run("tenant", "plan", slug, "enterprise") == f"{slug} is on the plan enterprise.\n"


def test_the_canaries_are_not_listed():
    from factories import PLATFORM_SCOPE
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        flows.ensure_canaries(scope=PLATFORM_SCOPE)
    assert "canary" not in run("tenant", "list", "--json")


def test_departments_and_members(slug: str):
    assert run("department", "create", slug, "Sales") == "Created department 1, Sales.\n"
    assert run("department", "rename", slug, "1", "Sales & co") == "Department 1 is now Sales & co.\n"
    run("member", "invite", slug, "Ann@Example.com", "--role", "manager", "--department", "1", "--name", "Ann")
    assert ["ann@example.com", "Ann", "manager", "1", "invited"] in [
        line.split() for line in run("member", "list", slug).splitlines()
    ]
    run("member", "change", slug, "ann@example.com", "--role", "viewer", "--all-departments")
    rows = json.loads(run("member", "list", slug, "--json"))
    ann = next(row for row in rows if row["name"] == "Ann")
    assert (ann["role"], ann["departments"]) == ("viewer", "all")
    run("member", "remove", slug, "ann@example.com")
    assert "ann@" not in run("member", "list", slug)
    assert "ann@" in run("member", "list", slug, "--status", "left")
    assert "are erased" in run("member", "erase", slug, "ann@example.com", "--yes")
    assert "ann@" not in run("member", "list", slug, "--status", "left")
    assert run("department", "delete", slug, "1") == "Deleted department 1.\n"


def test_what_cannot_be_says_why(slug: str):
    with pytest.raises(NotFound, match="no such workspace"):
        run("tenant", "show", "nowhere")
    with pytest.raises(NotFound, match=r"Nobody in this workspace has the address x@example.com"):
        run("member", "remove", slug, "x@example.com")
    with pytest.raises(Conflict, match="already a workspace"):
        run("tenant", "create", "Again", "--slug", slug)
    with pytest.raises(Invalid) as caught:
        run("tenant", "create", "\x00", "--slug", "Bad Slug")
    assert [problem.place for problem in caught.value.problems] == ["name", "slug"]
    assert "both" in run("member", "change", slug, "a@b.c", "--department", "1", "--all-departments")
