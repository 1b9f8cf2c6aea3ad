"""`safehold`: finds the room that owns a command, sets Django up where that room needs it, and renders errors.

Nothing is imported before it is needed, so that `safehold verify` runs without Django, a database or an installation.
"""

from __future__ import annotations

import importlib
import os
import sys
from copy import copy
from itertools import groupby
from pathlib import Path

import click

from safehold.cli import terminal
from safehold.cli.commands import COMMANDS
from safehold.cli.setup import set_up_django
from safehold.cli.trouble import in_our_words
from safehold.kernel.errors import SafeholdError
from safehold.operations.installation import default_home
from safehold.operations.ownership import give_back

__all__ = ["main"]


class Rooms(click.Group):
    """A group that loads the room behind a command when it is called or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order people meet them."""
        return [name for name, entry in COMMANDS.items() if entry.heading]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its room imported and Django set up if the room needs it.

        What it takes is told without an installation too: there it refuses only when it is really called.
        """
        if cmd_name not in COMMANDS:
            return None
        entry = COMMANDS[cmd_name]
        wrong = set_up_django() if entry.needs_django else None
        found = next(each for each in importlib.import_module(entry.module).COMMANDS if each.name == cmd_name)
        command: click.Command = _refusing(found, wrong) if wrong else found
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As ever; an unknown name is answered with those that look like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            known = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=known, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings; no room is asked."""
        width = max(map(len, COMMANDS))
        for heading, names in groupby(self.list_commands(ctx), key=lambda name: COMMANDS[name].heading):
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{width}}", COMMANDS[name].line) for name in names])


def _refusing(command: click.Command, wrong: SafeholdError) -> click.Command:
    """A copy of the command that takes the same, asks nothing, and only raises when it is called."""

    def refuse(*_: object, **__: object) -> None:
        raise wrong

    twin = copy(command)
    if isinstance(twin, click.Group):
        twin.commands = {name: _refusing(each, wrong) for name, each in twin.commands.items()}
    else:
        twin.callback = refuse
        twin.params = [_unasked(param) for param in twin.params]
    return twin


def _unasked(param: click.Parameter) -> click.Parameter:
    twin = copy(param)
    if isinstance(twin, click.Option):
        twin.prompt = None
    return twin


def take_home(arguments: list[str]) -> list[str]:
    """`arguments` without `--home DIR` or `--home=DIR`, which may stand anywhere; the folder goes to SAFEHOLD_HOME."""
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            return [*rest, argument, *pending]
        if argument == "--home":
            value = next(pending, "")
        elif argument.startswith("--home="):
            value = argument.removeprefix("--home=")
        else:
            rest.append(argument)
            continue
        if not value:
            raise click.UsageError("--home needs a folder, as in --home /srv/safehold.")
        os.environ["SAFEHOLD_HOME"] = str(Path(value).expanduser().absolute())
    return rest


@click.command(
    cls=Rooms,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMAND …",
    epilog="'safehold COMMAND --help' tells what a command takes. A command exits 0 when it did what was asked, "
    "1 when it could not, 2 when it was asked wrongly.",
)
# Taken from anywhere on the line before click looks at it; here to be told.
@click.option(
    "--home",
    metavar="DIR",
    expose_value=False,
    help="The installation's folder.  [default: SAFEHOLD_HOME, or .safehold]",
)
@click.version_option(package_name="safehold")
def safehold() -> None:
    """A business workspace that keeps the promises on its own security page, and proves it.

    To look around: 'safehold up --demo' starts one with two made-up companies and prints its address.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit 0 when it did what was asked, 1 when it could not, 2 when it was asked wrongly."""
    try:
        with in_our_words():
            given = take_home(list(sys.argv[1:] if arguments is None else arguments))
            safehold.main(given, prog_name="safehold", standalone_mode=False)
    except SafeholdError as error:
        terminal.show_error(error)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        terminal.show_usage_error(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        terminal.say("Stopped.", to_errors=True)
        sys.exit(130)
    finally:
        give_back(default_home())
