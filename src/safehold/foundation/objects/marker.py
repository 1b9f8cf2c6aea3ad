"""The file in a store that says which environment its files belong to. Read without obstore: every process asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from safehold.foundation.objects.errors import StoreMismatch, StoreUnusable

__all__ = ["MARKER", "marker_for", "marker_of_folder", "refuse_other_store"]

MARKER: Final = "environment.json"
_FORMAT = "safehold-objects/1"


def marker_for(environment: str) -> bytes:
    """The marker of an environment's store."""
    return json.dumps({"format": _FORMAT, "environment": environment}).encode() + b"\n"


def marker_of_folder(folder: Path) -> bytes | None:
    """The marker of a folder; None where there is none, or no folder yet. Nothing is made."""
    try:
        return (folder / MARKER).read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise StoreUnusable(f"The folder of stored files, {folder}, can't be read.") from None


def refuse_other_store(marker: bytes | None, environment: str) -> None:
    """Raise `StoreMismatch` unless a store with this marker belongs to the environment, or to none yet."""
    if marker is None:
        return
    owner = _owner(marker)
    if not owner:
        raise StoreMismatch(
            "What says whose the stored files are can't be read.", hint="Bring environment.json back from a backup."
        )
    if owner != environment:
        raise StoreMismatch(
            f"These stored files belong to the environment {owner}, but the settings say {environment}.",
            hint=f'Write environment = "{owner}" into settings.toml, or give {environment} a folder of its own.',
        )


def _owner(marker: bytes) -> str:
    try:
        said = json.loads(marker)
        return str(said["environment"]) if said["format"] == _FORMAT else ""
    except (ValueError, KeyError, TypeError):
        return ""
