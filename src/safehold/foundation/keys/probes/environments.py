"""ISO-6: the key ring is opened under another environment's name and with another root key, and has to stay shut."""

from __future__ import annotations

import functools
import json
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from safehold.foundation.keys import files
from safehold.foundation.keys.errors import KeyRingMismatch, RootKeyUnusable
from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.keyring import LABEL, RootSource, check_label, open_ring, write_label
from safehold.foundation.keys.rootkey import read_root_key
from safehold.kernel.errors import SafeholdError, Tampered
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["the_key_ring_is_this_environments"]

_OTHERS = ("production", "staging")


def the_key_ring_is_this_environments(probe: ProbeContext) -> Finding:
    """Five keys that must not open it. What is changed is changed in a copy, which holds no key in clear."""
    installation = settings.SAFEHOLD
    ours, folder = installation.environment, installation.keys / installation.environment
    root = functools.partial(read_root_key, installation.secrets / "root.key")
    other = next(name for name in _OTHERS if name != ours)
    try:
        label = check_label(folder, ours)
        open_ring(folder, ours, root)
    except SafeholdError as error:
        return broken(f"The key ring isn't this environment's: {error.message}")
    if label is None:
        return broken(f"The environment {ours} has no key ring.")
    with tempfile.TemporaryDirectory(prefix="safehold-ring-") as place:
        tries = _tries(Path(place), folder, other, label, root)
        opened = [name for name, (attempt, refusal) in tries.items() if not _refused(attempt, refusal)]
    if opened:
        return broken("The key ring opens for another environment.", opened=opened, tried_as=other)
    return kept(f"The key ring of {ours} opened with its own name and key only.", refused=list(tries), tried_as=other)


_Tries = dict[str, tuple[Callable[[], object], type[SafeholdError]]]


def _tries(place: Path, folder: Path, other: str, label: dict[str, str], root: RootSource) -> _Tries:
    """What is tried, and how each has to end."""
    ours, salt = label["environment"], bytes.fromhex(label["salt"])
    renamed = _copy(place / "renamed" / other, label | {"environment": other})
    salted = _copy(place / "salted" / ours, label | {"salt": secrets.token_hex(16)})
    forged = place / "forged" / other
    write_label(forged, other, salt, root)
    files.write(forged / f"{PLATFORM}.json", files.read(folder / f"{PLATFORM}.json") or b"")
    return {
        "another environment's name": (lambda: check_label(folder, other), KeyRingMismatch),
        "another root key": (
            lambda: open_ring(folder, ours, lambda _: bytearray(secrets.token_bytes(32))),
            RootKeyUnusable,
        ),
        "a label with another name": (lambda: open_ring(renamed, other, root), RootKeyUnusable),
        "a label with another salt": (lambda: open_ring(salted, ours, root), RootKeyUnusable),
        "its files in another environment's ring": (
            lambda: FileKeyStore(forged, other, root).wrap(PLATFORM, [(bytes(32), b"probe")]),
            Tampered,
        ),
    }


def _copy(folder: Path, label: dict[str, str]) -> Path:
    folder.mkdir(mode=0o700, parents=True)
    files.write(folder / LABEL, json.dumps(label).encode())
    return folder


def _refused(attempt: Callable[[], object], refusal: type[SafeholdError]) -> bool:
    try:
        attempt()
    except refusal:
        return True
    return False
