"""The command line in this process: what `safehold …` prints, and how it ends."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from safehold.cli.main import main

__all__ = ["Done", "safehold"]


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def safehold(*arguments: object) -> Done:
    """Run a command for the suite's installation."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
