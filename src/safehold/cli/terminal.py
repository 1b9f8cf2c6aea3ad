"""The command line's tone, in one place: short sentences, what was expected, what to do next."""

from __future__ import annotations

import click

from safehold.kernel.commandline import pasteable
from safehold.kernel.errors import Invalid, SafeholdError

__all__ = ["say", "show_error", "show_usage_error"]

_SHOWN = 20


def say(text: str, *, to_errors: bool = False) -> None:
    """Print a line; commands in it work when they are pasted."""
    click.echo(pasteable(text), err=to_errors)


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


def show_usage_error(error: click.ClickException) -> None:
    """Print what was asked wrongly: how the command is called, what is wrong, and where to read more."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or not isinstance(error, click.UsageError):
        error.show()
        return
    if error.ctx is not None:
        say(error.ctx.get_usage(), to_errors=True)
    say(f"safehold: {error.format_message()}", to_errors=True)
    path = error.ctx.command_path if error.ctx is not None else "safehold"
    say(f"  → What can be given: `{path} --help`", to_errors=True)
