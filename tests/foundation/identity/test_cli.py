"""The operator's commands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def run():
    from safehold.foundation.identity.cli import COMMANDS

    def call(*arguments, **more):
        return CliRunner().invoke(COMMANDS[0], list(arguments), catch_exceptions=False, **more)

    return call


def test_accounts_are_listed(run, make_person):
    person = make_person(staff=True)
    [row] = [row for row in json.loads(run("list", "--json").output) if row["email"] == person.email]
    expected = {"email": person.email, "name": "Test Person", "staff": True, "second_factor": False}
    assert row == {**expected, "last_sign_in": None}
    assert person.email in run("list").output


def test_canaries_are_not_listed(run):
    assert "canary" not in run("list").output


def test_somebody_is_signed_out_everywhere(run, make_person, browser):
    from safehold.kernel.errors import NotFound

    person = make_person()
    one, two = browser().sign_in(person), browser().sign_in(person)
    assert "Ended 2 sessions" in run("sign-out-everywhere", person.email).output
    assert not one.signed_in
    assert not two.signed_in
    with pytest.raises(NotFound):
        run("sign-out-everywhere", "nobody@example.com")
