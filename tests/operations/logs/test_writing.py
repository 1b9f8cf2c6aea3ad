"""Every process and command writes lines of one form, and no secret gets into them, whichever way it comes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from safehold.kernel import reference
from safehold.kernel.logline import MEMBERS
from safehold.operations.logs.writing import JsonLines, configuration, handler

SECRET = "hunter2-hunter2-hunter2"


def entry(text: str, *args: object, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("safehold", logging.ERROR, "", 0, text, args, None)
    vars(record).update(more)
    return record


def line(record: logging.LogRecord) -> dict[str, object]:
    said = JsonLines().format(record)
    assert "\n" not in said
    assert said.isascii()
    return json.loads(said)


@pytest.mark.parametrize(
    "record",
    [
        entry(f"password={SECRET}"),
        entry("form: %s", {"password": SECRET, "n": 1}),
        entry("%s=%s", "token", SECRET),
        entry("harmless", password=SECRET, body={"token": SECRET}, stack_info=f"token={SECRET}"),
        entry(f"too few: password={SECRET} %s %s", "one"),
    ],
)
def test_a_secret_gets_in_by_no_part_of_a_record(record: logging.LogRecord) -> None:
    found = line(record)
    assert SECRET not in json.dumps(found)
    assert set(found) <= set(MEMBERS)


def raised(error: Exception) -> logging.LogRecord:
    try:
        try:
            raise KeyError(f"token: {SECRET}")  # noqa: TRY301
        except KeyError as inner:
            raise error from inner
    except Exception:  # noqa: BLE001
        return logging.LogRecord("safehold", logging.ERROR, "", 0, "failed", (), sys.exc_info())


def test_an_error_is_told_with_its_causes_and_without_values() -> None:
    found = str(line(raised(ValueError(f"bad value '{SECRET}'")))["error"])
    assert SECRET not in found
    assert found.index("KeyError") < found.index("ValueError: bad value '[redacted]'")
    assert "test_writing.py" in found
    assert "'NoneType' object" in str(line(raised(AttributeError("'NoneType' object has no attribute 'x'")))["error"])


@pytest.mark.parametrize("forged", ['x\n{"at":"2020","message":"forged"}', "x\r\ny", "x\u2028y", "\x1b[2Jx", "\ud800"])
def test_no_input_begins_a_second_line(forged: str) -> None:
    assert line(entry("said: %s", forged))["message"] == f"said: {forged}"


def test_a_line_carries_the_reference_of_what_the_thread_is_at() -> None:
    began = reference.begin()
    assert line(entry("x"))["reference"] == began
    assert reference.REFERENCE.fullmatch(began)


def test_a_command_logs_to_a_file_of_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "commands.log"
    taker = handler(str(log))
    taker.setFormatter(JsonLines())
    taker.handle(entry("one"))
    taker.handle(entry("two"))
    taker.close()
    assert [json.loads(each)["message"] for each in log.read_text().splitlines()] == ["one", "two"]
    assert log.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err == ""


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taker = handler(str(tmp_path / "none" / "commands.log"))
    taker.handle(entry("one"))
    taker.handle(entry("two"))
    said = capsys.readouterr().err
    assert said.count("can't be written") == 1
    assert said.count("\n") == 1


def test_the_web_servers_and_the_workers_loggers_write_the_same_lines() -> None:
    made = configuration()
    assert {"_granian", "procrastinate", "django.request", "django.server"} <= set(made["loggers"])
    assert all(not each.get("handlers") for each in made["loggers"].values())
    assert made["root"]["handlers"] == ["log"]


PROCESS = """
import logging, sys, threading, warnings
from safehold.operations.logs.writing import install
install()
secret = "hunter2-hunter2-hunter2"
print(f"printed password={secret}", file=sys.stderr)
sys.stderr.write("begun, ")
sys.stderr.write("and ended\\n")
warnings.warn(f"warned token={secret}")
logging.getLogger("_granian").info("served secret=%s", secret)
logging.getLogger("procrastinate.worker").error("job failed", extra={"password": secret})
thread = threading.Thread(target=lambda: {}[f"api_key={secret}"])
thread.start(); thread.join()
raise RuntimeError(f"the end: token={secret}")
"""


def test_all_that_a_process_says_to_its_standard_error_is_lines_without_secrets() -> None:
    environment = os.environ | {"SAFEHOLD_PROCESS": "worker"}
    done = subprocess.run([sys.executable, "-P", "-c", PROCESS], capture_output=True, env=environment, check=False)
    lines = [json.loads(each) for each in done.stderr.decode("ascii").splitlines()]

    assert done.returncode == 1
    assert SECRET not in done.stderr.decode()
    said = [each["message"] for each in lines]
    assert said[:2] == ["printed password=[redacted]", "begun, and ended"]
    assert [each["logger"] for each in lines[2:]] == [
        "py.warnings", "_granian", "procrastinate.worker", "process", "process"
    ]  # fmt: skip
    assert {each["process"] for each in lines} == {"worker"}
    assert "RuntimeError" in lines[-1]["error"]
