"""`safehold logs`: what is read, what it leaves in the log, and what it prints."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import OperationalError

from factories import PLATFORM_SCOPE
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import Event, decode
from safehold.kernel.errors import Denied
from safehold.kernel.installation import Installation
from safehold.kernel.logline import encode
from safehold.operations.logs import archive, cli, flows
from support.commands import safehold

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def said(place: Installation) -> None:
    now = clock.now()
    lines = (
        ("web", 5, "info", "a page was opened", "0f448a9a97d3"),
        ("web", 4, "error", "Olga\x1b[2J could not\nbe saved", "0f448a9a97d3"),
        ("worker", 3, "warning", "a job waits", ""),
        ("worker", 60 * 30, "info", "long ago", ""),
    )
    for process, minutes, level, message, reference in lines:
        line = {"at": (now - timedelta(minutes=minutes)).isoformat(), "level": level, "logger": "x", "message": message}
        with (place.logs / f"{process}.log").open("ab") as file:
            file.write(encode(line | {"reference": reference, "error": "ValueError: no" if level == "error" else ""}))
        if process == "web":
            archive.gather(place)


def reads() -> list[Event]:
    from safehold.foundation.audit.models import Event as Row

    with scoped(PLATFORM_SCOPE):
        return [decode(bytes(row.body)) for row in Row.objects.filter(type="logs.read").order_by("id")]


def shown(*arguments: str) -> list[str]:
    done = safehold("logs", *arguments)
    assert done.code == 0, done.err
    return [json.loads(line)["message"] for line in done.out.splitlines()]


def test_archived_and_live_lines_are_shown_in_order() -> None:
    assert shown("--json") == ["a page was opened", "Olga\x1b[2J could not\nbe saved", "a job waits"]
    assert shown("--json", "--since", "2d")[-2:] == ["long ago", "a job waits"]


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (("--process", "web"), 2),
        (("--level", "warning"), 2),
        (("--grep", "olga"), 1),
        (("--grep", "valueerror"), 1),
        (("--reference", "0f448a9a97d3"), 2),
        (("--since", "3d", "--until", "1d"), 1),
        (("--process", "sealer"), 0),
    ],
)
def test_only_what_is_asked_for_is_shown(arguments: tuple[str, ...], number: int) -> None:
    assert len(shown("--json", *arguments)) == number


def test_reading_is_an_event_without_what_was_looked_for() -> None:
    before = len(reads())
    shown("--json", "--process", "web", "--grep", "Olga")
    assert len(reads()) == before + 1
    event = reads()[-1]
    assert event.actor == "system:cli"
    assert event.fields["processes"] == "web"
    assert event.fields["narrowed"] is True
    assert "Olga" not in json.dumps(dict(event.fields))


def test_nothing_that_was_logged_moves_the_cursor() -> None:
    done = safehold("logs")
    assert "\x1b" not in done.out
    assert "Olga\\x1b[2J could not" in done.out
    assert "    ValueError: no" in done.out


def test_without_a_database_it_is_read_all_the_same_and_a_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []

    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(cli, "scoped", away)
    monkeypatch.setattr(flows.log, "warning", lambda text, *_: noted.append(text))
    done = safehold("logs", "--json")
    assert len(done.out.splitlines()) == 3
    assert "can't be reached" in done.err
    assert noted == ["the logs were read while no event could be written (%s to %s)"]


def test_a_time_that_cannot_be_read_is_refused() -> None:
    done = safehold("logs", "--since", "yesterday")
    assert done.code == 1
    assert "--since" in done.err


def test_pruning_says_what_it_did(place: Installation) -> None:
    assert safehold("logs", "prune").out == "0 sealed segments removed.\n"


def test_it_is_the_platforms_alone() -> None:
    from factories import make_tenant, system

    with scoped(system(make_tenant())) as scope:
        moment = clock.now()
        with pytest.raises(Denied):
            flows.read_logs(scope=scope, wanted=flows.Wanted(moment, moment))
        with pytest.raises(Denied):
            flows.prune_logs(scope=scope)
