"""A whole installation with the demo in it, and how its people sign in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.https import Surfer
from support.installations import Runner, home_for_up

__all__ = ["Demo", "running_demo"]

_PERSON = re.compile(r"^  (\w+) +(\S+@(\S+)\.example) +(\S+)(   then: .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Person:
    """Somebody of the demo."""

    role: str
    email: str
    password: str
    needs_code: bool


class Demo:
    """`safehold up --demo --detach`, and the people whose passwords it printed."""

    def __init__(self, runner: Runner, welcome: str) -> None:
        self.runner, self.welcome = runner, welcome
        self.people = {
            (slug, role): Person(role, email, password, bool(code))
            for role, email, slug, password, code in _PERSON.findall(welcome)
        }

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"https://localhost:{self.runner.port}"

    def person(self, role: str, slug: str = "nordhavn") -> Person:
        """Who has that role."""
        return self.people[slug, role]

    def code(self, person: Person) -> str:
        """What the person's authenticator app shows now: one command gives it."""
        done = self.runner.safehold("demo", "code", person.email)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def surfer(self) -> Surfer:
        """A visitor with a browser without a screen."""
        return Surfer(self.runner.home, self.runner.port)

    def signed_in(self, role: str, slug: str = "nordhavn") -> Surfer:
        """The same, signed in."""
        person, surfer = self.person(role, slug), self.surfer()
        answer = surfer.sign_in(person.email, person.password, self.code(person) if person.needs_code else "")
        assert answer.status == 200, answer.words
        assert "/account/sign-in/" not in answer.url, answer.words
        return surfer


@contextmanager
def running_demo() -> Iterator[Demo]:
    """The demo in a home of its own, brought down at the end."""
    with home_for_up() as runner:
        done = runner.up("--demo")
        assert done.returncode == 0, done.stdout + done.stderr
        yield Demo(runner, done.stdout)
