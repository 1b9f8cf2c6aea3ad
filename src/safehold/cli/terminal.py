"""The command line's tone, in one place: short sentences, what was expected, what to do next."""

from __future__ import annotations

import click

from safehold.kernel.errors import Invalid, SafeholdError

__all__ = ["say", "show_error"]

_SHOWN = 20


def say(text: str, *, to_errors: bool = False) -> None:
    """Print a line."""
    click.echo(text, err=to_errors)


def show_error(error: SafeholdError) -> None:
    """Print an error to standard error: what is wrong, each problem, and the next step."""
    say(f"safehold: {error.message}", to_errors=True)
    if isinstance(error, Invalid):
        for problem in error.problems[:_SHOWN]:
            say(f"  {problem}", to_errors=True)
        if (more := len(error.problems) - _SHOWN) > 0:
            say(f"  … and {more} more", to_errors=True)
    if error.hint:
        say(f"  → {error.hint}", to_errors=True)
