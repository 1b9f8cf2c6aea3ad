"""`safehold`: finds the room that owns a command, sets Django up where that room needs it, and renders errors.

Nothing is imported before it is needed, so that `safehold verify` runs without Django, a database or an installation.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click

from safehold.cli import terminal
from safehold.kernel.errors import SafeholdError, Unavailable
from safehold.operations.ownership import give_back
from safehold.operations.selectors import listening_url

__all__ = ["COMMANDS", "main"]

# Command → (the room's module, whether it needs Django). The module lists its commands in COMMANDS.
COMMANDS: dict[str, tuple[str, bool]] = {
    "up": ("safehold.operations.cli", False),
    "down": ("safehold.operations.cli", False),
    "status": ("safehold.operations.cli", False),
    "run": ("safehold.operations.cli", False),
    "prove": ("safehold.assurance.cli", True),
    "tenant": ("safehold.foundation.tenancy.cli", True),
    "department": ("safehold.foundation.tenancy.cli", True),
    "member": ("safehold.foundation.tenancy.cli", True),
    "account": ("safehold.foundation.identity.cli", True),
    "staff": ("safehold.foundation.staff.cli", True),
    "demo": ("safehold.workspace.demo.cli", True),
    "import": ("safehold.workspace.records.cli", True),
    "export": ("safehold.workspace.records.cli", True),
    "audit": ("safehold.foundation.audit.cli", True),
    "verify": ("safehold.foundation.audit.verify_cli", False),
    "keys": ("safehold.foundation.keys.cli", True),
    "bench": ("safehold.assurance.bench_cli", True),
}


class Rooms(click.Group):
    """A group that loads the room behind a command when it is called or its help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order people meet them."""
        return [name for name in COMMANDS if name != "run"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its room imported and Django set up if the room needs it."""
        if cmd_name not in COMMANDS:
            return None
        module, needs_django = COMMANDS[cmd_name]
        if needs_django:
            set_up_django()
        commands: list[click.Command] = importlib.import_module(module).COMMANDS
        return next((command for command in commands if command.name == cmd_name), None)


def set_up_django() -> None:
    """Load the settings of the installation that SAFEHOLD_HOME names; says what to do where there is none."""
    home = Path(os.environ.get("SAFEHOLD_HOME", ".safehold"))
    if not (home / "secrets").is_dir():
        raise SafeholdError(
            f"There is no installation at {home}.", hint="Start one with 'safehold up', or name one with --home DIR."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safehold.project.settings")
    if url := listening_url(home):  # It may run on another port than its settings name.
        os.environ.setdefault("SAFEHOLD_PORT", str(urlsplit(url).port or 443))
    os.environ.setdefault("SAFEHOLD_LOG", str((home / "logs" / "commands.log").absolute()))
    os.environ.setdefault("SAFEHOLD_POOL", "off")  # A command needs one connection, and wants to know at once.
    import django  # noqa: PLC0415 - only commands that need it pay for it

    django.setup()


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


@click.command(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safehold")
def safehold() -> None:
    """A business workspace that keeps the promises on its own security page, and proves it.

    Every command takes --home DIR: the folder that holds one installation (default: .safehold here, or SAFEHOLD_HOME).
    """


@contextmanager
def _database_errors() -> Iterator[None]:
    """Say in our words that the database can't be reached; anything else goes on its way."""
    try:
        yield
    except Exception as error:
        # Django's classes are named, not imported: commands that need no Django must not load it for this.
        if type(error).__name__ != "OperationalError" or type(error).__module__ != "django.db.utils":
            raise
        message = "The database of this installation can't be reached."
        raise Unavailable(message, hint="Is it running? 'safehold status' tells, 'safehold up' starts it.") from error


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit 0 when it did what was asked, 1 when it could not, 2 when it was asked wrongly."""
    try:
        with _database_errors():
            safehold.main(take_home(list(sys.argv[1:] if arguments is None else arguments)), standalone_mode=False)
    except SafeholdError as error:
        terminal.show_error(error)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        terminal.say("Stopped.", to_errors=True)
        sys.exit(130)
    finally:
        give_back(Path(os.environ.get("SAFEHOLD_HOME", ".safehold")))
