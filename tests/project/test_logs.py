"""What looks like a secret stays out of the logs."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from safehold.project.logs import JsonLines, handler, redact


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("password=hunter2 for olga", "password=[redacted] for olga"),
        ("{'password': 'correct horse', 'n': 1}", "{'password': '[redacted]', 'n': 1}"),
        ('{"token": "abc def", "n": 1}', '{"token": "[redacted]", "n": 1}'),
        ("{'csrf_token': <SimpleLazyObject: '6ge5pd04'>}", "{'csrf_token': <SimpleLazyObject: '[redacted]'>}"),
        ("otp: 123456", "otp: [redacted]"),
        ("postgresql://me:pw@host/db", "postgresql[redacted]host/db"),
        ("duplicate key\nDETAIL:  Key (email)=(olga@x.example) already exists.", "duplicate key\nDETAIL:  [redacted]"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_taken_out(said: str, kept: str):
    assert redact(said) == kept


def entry(text: str) -> logging.LogRecord:
    return logging.LogRecord("safehold", logging.ERROR, "", 0, text, (), None)


def test_a_command_logs_to_a_file_of_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log = tmp_path / "commands.log"
    taker = handler(str(log))
    taker.setFormatter(JsonLines())
    taker.handle(entry("one"))
    taker.handle(entry("two"))
    taker.close()
    assert [json.loads(line)["message"] for line in log.read_text().splitlines()] == ["one", "two"]
    assert log.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err == ""


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    taker = handler(str(tmp_path / "none" / "commands.log"))
    taker.handle(entry("one"))
    taker.handle(entry("two"))
    said = capsys.readouterr().err
    assert said.count("can't be written") == 1
    assert said.count("\n") == 1
