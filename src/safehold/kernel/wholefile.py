"""Writing a file for people: it appears under its name when it is complete, and nothing is left of one that isn't."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from safehold.kernel.errors import Conflict

__all__ = ["whole_file"]


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which then takes `target`'s place; only its owner can read it.

    What goes wrong with it is told of `target`, whose name people know. A device or a pipe is never replaced.
    """
    if target.exists() and not target.is_file():
        raise Conflict(f"{target} is no ordinary file.", hint="Name another file, or none for a name made up here.")
    unfinished: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.absolute().parent, prefix=".export-", delete=False) as file:
            unfinished = Path(file.name)
            yield file.file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        if error.filename not in {None, str(unfinished)} and unfinished is not None:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
