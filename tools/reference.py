"""Writes docs/reference/ from the code: commands, access matrix, event types, promises, addresses.

`python tools/reference.py` writes the files; `--check` says which are stale and exits 1. The suite runs the check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTICE = "<!-- Made by tools/reference.py from the code. Change the code, then run it again. -->\n\n"


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        if command.invoke_without_command:
            yield path, command
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], f"{path} {name}")
    else:
        yield path, command


def cli_page() -> str:
    """Every command with its help text, as the terminal prints it."""
    from safehold.cli.commands import COMMANDS  # noqa: PLC0415 - after Django is set up

    parts = ["# Commands\n\nEvery command takes `--home DIR`.\n"]
    for name, entry in COMMANDS.items():
        top = next((c for c in import_module(entry.module).COMMANDS if c.name == name), None)
        if top is None or top.hidden:
            continue
        for path, command in _commands(top, f"safehold {name}"):
            context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
            parts.append(f"\n## {path}\n\n```\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def events_page() -> str:
    """Every event type: its sentence, plain fields and personal fields."""
    from safehold.foundation.audit.registry import event_types, field_kinds  # noqa: PLC0415
    from safehold.kernel.fieldkind import Free  # noqa: PLC0415

    kinds = field_kinds()
    free = {
        f"`{event}`: {name}": each.reason
        for event, fields in sorted(kinds.items())
        for name, each in fields.items()
        if isinstance(each, Free)
    }
    rows = [
        f"| `{kind.name}` | {kind.sentence} | {', '.join(kind.fields) or '–'} | {', '.join(kind.personal) or '–'} "
        f"| {'yes' if kind.security else '–'} |"
        for kind in sorted(event_types().values(), key=lambda kind: kind.name)
    ]
    head = (
        "# Event types\n\nWhat may be written to a log. Plain fields are hashed as they are and never hold "
        "content; personal ones are hashed as keyed commitments, and their values lie sealed beside.\n\n"
        "| type | sentence | plain fields | personal fields | security |\n| --- | --- | --- | --- | --- |\n"
    )
    typed = "".join(f"- {place}: {why}\n" for place, why in free.items())
    return head + "\n".join(rows) + f"\n\n## Plain fields that people typed, and why\n\n{typed}"


def promises_page() -> str:
    """Every promise with its text and the names of the checks that prove it."""
    from safehold.assurance.registry import AREAS, register  # noqa: PLC0415

    parts = [
        "# Promises\n\nThe register, and the checks that prove it. One without a check is unproven, and says so.\n"
    ]
    for area, name in AREAS.items():
        parts.append(f"\n## {name}\n\n| id | promise | proved by |\n| --- | --- | --- |\n")
        for entry in register().values():
            if entry.promise.area == area:
                checks = ", ".join(f"`{check.name}`" for check in entry.checks) or "nothing yet"
                parts.append(f"| {entry.promise.id} | **{entry.promise.title}.** {entry.promise.text} | {checks} |\n")
    return "".join(parts)


def settings_page() -> str:
    """Every line that settings.toml may have."""
    from safehold.operations.settings_file import SETTINGS  # noqa: PLC0415

    head = (
        "# Settings\n\nThe lines of `settings.toml` in an installation's home. All are optional; the file that "
        "`safehold up` makes\nexplains them too.\n\n| name | what it means | expected |\n| --- | --- | --- |\n"
    )
    return head + "".join(f"| `{each.name}` | {each.comment} | {each.expected or '–'} |\n" for each in SETTINGS)


def access_page() -> str:
    """The permission matrix."""
    from safehold.foundation.access.reference import render  # noqa: PLC0415

    return render()


PAGES = {
    "commands.md": cli_page,
    "events.md": events_page,
    "promises.md": promises_page,
    "settings.md": settings_page,
    "access.md": access_page,
}


def main(*, check: bool) -> int:
    """Write the pages, or name those that differ from the code."""
    import settings_for_types  # noqa: F401, PLC0415 - makes the throw-away installation
    from safehold.cli.setup import set_up_django  # noqa: PLC0415

    set_up_django()
    stale = []
    for name, make in PAGES.items():
        path, text = FOLDER / name, NOTICE + make()
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if check and stale:
        print(f"stale: {', '.join(stale)}; run python tools/reference.py")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
