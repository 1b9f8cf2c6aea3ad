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


def test_a_staff_account_is_made_listed_and_reaches_nothing(run, browser):
    from safehold.foundation.scope.clock import new_id

    email, password = f"s{new_id().hex[-12:]}@example.com", "the lamp eats winter"
    made = run("create-staff", email, "--name", "Sam Staff", input=f"{password}\n{password}\n")
    assert made.exit_code == 0
    assert password not in made.output
    [row] = [row for row in json.loads(run("list", "--json").output) if row["email"] == email]
    assert row == {"email": email, "name": "Sam Staff", "staff": True, "second_factor": False, "last_sign_in": None}
    assert email in run("list").output
    here = browser()
    here.post("/account/sign-in/", {"login": email, "password": password})
    assert here.get("/")["Location"] == "/account/second-factor/new/"


def test_canaries_are_not_listed(run):
    assert "canary" not in run("list").output


def test_a_weak_password_makes_nothing(run):
    from safehold.kernel.errors import Invalid

    with pytest.raises(Invalid) as caught:
        run("create-staff", "nobody", "--name", "X", "--password", "short")
    assert {problem.place for problem in caught.value.problems} == {"email", "password"}


def test_the_same_address_makes_nothing_twice(run, make_person):
    from safehold.kernel.errors import Conflict

    with pytest.raises(Conflict):
        run("create-staff", make_person().email.upper(), "--name", "X", "--password", "the lamp eats winter")


def test_somebody_is_signed_out_everywhere(run, make_person, browser):
    from safehold.kernel.errors import NotFound

    person = make_person()
    one, two = browser().sign_in(person), browser().sign_in(person)
    assert "Ended 2 sessions" in run("sign-out-everywhere", person.email).output
    assert not one.signed_in
    assert not two.signed_in
    with pytest.raises(NotFound):
        run("sign-out-everywhere", "nobody@example.com")
