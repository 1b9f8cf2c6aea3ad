"""One whole installation for all browser tests, and a browser for each file of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from support.browsers import DESKTOP, PHONE, Browsing, Look, Visit, running_browser
from support.demo import Demo, running_demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole installations take their time."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The demo, proved once, so that its trust page has something to show."""
    with running_demo() as running:
        running.runner.safehold("prove")
        yield running
        running.runner.safehold("down")
        assert running.runner.processes() == []


@pytest.fixture(scope="session")
def signed_in() -> dict[str, Any]:
    """The cookies of who has signed in."""
    return {}


@pytest.fixture(scope="module")
def browsing(demo: Demo, signed_in: dict[str, Any]) -> Iterator[Browsing]:
    """A browser. It lives no longer than its file: its event loop would get in the way of others."""
    with running_browser() as browser:
        yield Browsing(browser, demo, signed_in)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def looks(request: pytest.FixtureRequest) -> tuple[Look, ...]:
    """A desk's window, in light and dark, and one as narrow as a phone."""
    found: tuple[Look, ...] = request.param
    return found


@pytest.fixture
def visitor(browsing: Browsing, looks: tuple[Look, ...]) -> Iterator[Visit]:
    """Somebody who isn't signed in."""
    with browsing.visit(looks) as visit:
        yield visit


@pytest.fixture
def owner(browsing: Browsing, looks: tuple[Look, ...]) -> Iterator[Visit]:
    """The owner of the first company, signed in."""
    with browsing.visit(looks, browsing.demo.person("owner")) as visit:
        yield visit


@pytest.fixture
def as_person(browsing: Browsing, looks: tuple[Look, ...]):
    """A window for whoever has that role."""

    def open_for(role: str) -> AbstractContextManager[Visit]:
        return browsing.visit(looks, browsing.demo.person(role))

    return open_for
