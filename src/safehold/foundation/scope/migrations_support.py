"""What runs the SQL of a room's `sql/` folder: whole files in migrations, named parts elsewhere."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from django.db import migrations

__all__ = ["RunSQLFile", "sql_parts", "sql_text"]


def sql_text(package: str, name: str) -> str:
    """The text of `sql/<name>` in the folder of `package`, a dotted name."""
    return (resources.files(package) / "sql" / name).read_text(encoding="utf-8")


@cache
def sql_parts(package: str, name: str) -> dict[str, str]:
    """The parts of a file by name; each begins with a line `-- name: <name>`."""
    pieces = re.split(r"^-- name: (\w+)$", sql_text(package, name), flags=re.MULTILINE)
    return {part: text.strip() for part, text in zip(pieces[1::2], pieces[2::2], strict=True)}


class RunSQLFile(migrations.RunSQL):
    """A migration step that runs one file of its room's `sql/` folder, whole and as it stands.

    The file is sent as one message, so that bodies of functions need no splitting. Steps aren't reversible: a release
    is rolled back by restoring, never by dropping.
    """

    def __init__(self, package: str, name: str) -> None:
        self.package, self.name = package, name
        # A list of one keeps Django from parsing and splitting the text, and from looking for parameters in it.
        super().__init__(sql=[sql_text(package, name)])

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        """As it is written in a migration: by package and file name."""
        return self.__class__.__qualname__, [self.package, self.name], {}

    def describe(self) -> str:
        """What `migrate --plan` shows."""
        return f"Run {self.package}/sql/{self.name}"
