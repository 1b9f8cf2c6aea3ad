"""One line is one entry, in a fixed form, whoever wrote it and whatever is in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from safehold.kernel.logline import LEVELS, MEMBERS, age_of, encode, moment, understand

NOW = datetime(2026, 11, 26, 20, tzinfo=UTC)


def understood(raw: bytes, before: str = "") -> dict[str, object]:
    return understand(raw, process="web", seen=NOW, before=before)


@given(st.binary(max_size=400))
def test_any_bytes_become_one_line_that_stays_the_same(raw: bytes) -> None:
    line = understood(raw)
    written = encode(line)
    assert written.isascii()
    assert written.count(b"\n") == 1
    assert set(line) <= set(MEMBERS)
    assert line["level"] in LEVELS
    assert line["process"] == "web"
    assert moment(str(line["at"]), NOW) <= NOW
    assert encode(understood(written)) == written


def test_members_that_the_format_does_not_know_are_left_out() -> None:
    assert json.loads(encode({"message": "x", "password": "y", "error": "", "reference": None})) == {"message": "x"}


@pytest.mark.parametrize(
    ("raw", "at", "level", "message"),
    [
        (b"plain", "2026-11-26T19:00:00.000+00:00", "info", "plain"),
        (
            b'{"at":"2026-11-25T01:02:03+02:00","level":"error","message":"m"}',
            "2026-11-24T23:02:03.000+00:00",
            "error",
            "m",
        ),
        (b'{"at":"never","level":"shout","message":7}', "2026-11-26T19:00:00.000+00:00", "info", "7"),
        (b'{"at":"2027-01-01T00:00:00","message":"m"}', "2026-11-26T20:00:00.000+00:00", "info", "m"),
        (
            b"2026-11-26 10:00:00.123 UTC [7] app@db 42P01 ERROR:  no such table",
            "2026-11-26T10:00:00.123+00:00",
            "error",
            "ERROR 42P01: no such table",
        ),
        (
            b"2026-11-26 10:00:00.123 GMT [7] LOG:  starting",
            "2026-11-26T10:00:00.123+00:00",
            "info",
            "LOG 00000: starting",
        ),
    ],
)
def test_what_others_write_is_understood(raw: bytes, at: str, level: str, message: str) -> None:
    line = understood(raw, before="2026-11-26T19:00:00+00:00")
    assert (line["at"], line["level"], line["message"]) == (at, level, message)


def test_the_age_of_a_line() -> None:
    assert age_of({"at": "2026-11-26T19:59:00+00:00"}, NOW) == 60
    assert age_of({}, NOW) == 0
