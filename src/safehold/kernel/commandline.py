"""Commands in our own words: written `safehold …` between backticks, shown on a terminal so that they can be pasted.

An error doesn't know where it will be read: on a page, in a log, in a terminal in some folder. So it names the command
only, and the terminal says how it is called from there, and for which installation.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["pasteable"]

_COMMAND = re.compile(r"`safehold( [^`\n]+)?`")
_NAMES_ITS_OWN = re.compile(r" --(?:home|help)\b")


def pasteable(text: str) -> str:
    """`text` for a terminal: each `safehold …` between backticks as it works when pasted in the present folder."""
    return _COMMAND.sub(lambda found: _called(found[1] or ""), text)


def _called(rest: str) -> str:
    return _tool() + rest + ("" if _NAMES_ITS_OWN.search(rest) else _home())


def _tool() -> str:
    """The program as it was called, or the plain name where the shell finds the same one by it."""
    called = Path(sys.argv[0])
    if called.name != "safehold":
        called = Path(sys.executable).with_name("safehold")
        if not called.exists():
            return f"{shlex.quote(sys.executable)} -m safehold"
    by_name = shutil.which("safehold")
    if by_name is not None and called.exists() and called.samefile(by_name):
        return "safehold"
    return shlex.quote(str(called) if "/" in str(called) else f"./{called}")


def _home() -> str:
    """`--home DIR`, unless the home is the one that this folder stands for."""
    home, here = Path(os.environ.get("SAFEHOLD_HOME") or ".safehold").expanduser().absolute(), Path.cwd()
    if home == here / ".safehold":
        return ""
    is_below = home.is_relative_to(here) and here != Path("/")
    return f" --home {shlex.quote(str(home.relative_to(here) if is_below else home))}"
