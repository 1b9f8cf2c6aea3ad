"""A key ring: the folder of one environment's keys, with a label that says which environment and root key it takes.

Staging started on production's ring stops here with a clear message, and so does a root key that isn't this ring's.
Past the message lies arithmetic: the sealing key is derived from the root key *and* the environment's name, so a ring
whose label is changed by hand doesn't open either.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

from safehold.foundation.keys import files
from safehold.foundation.keys.errors import KeyRingMismatch, RootKeyUnusable
from safehold.kernel.errors import Tampered
from safehold.kernel.mackey import MacKey
from safehold.kernel.xaes import XaesKey

__all__ = ["LABEL", "RootSource", "check_label", "open_ring", "write_label"]

RootSource = Callable[[bytes], bytearray]
"""Gives the root key; takes the ring's salt, for the case that the key comes from a passphrase."""

_FORMAT = "safehold-key-ring/1"
LABEL = "ring.json"
"""The file that says which environment a ring is for."""

_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def open_ring(folder: Path, environment: str, root: RootSource) -> XaesKey:
    """The key that seals this ring's files. A ring that isn't there yet is made."""
    label = check_label(folder, environment)
    if label is None:
        write_label(folder, environment, os.urandom(16), root)
        return open_ring(folder, environment, root)
    salt = bytes.fromhex(label["salt"])
    root_key = _root_key(root, salt)
    if not hmac.compare_digest(_check(root_key, environment, salt), bytes.fromhex(label["check"])):
        raise RootKeyUnusable(
            f"The root key doesn't fit the key ring in {folder}, or the ring's label was changed.",
            hint="Use the root key that the ring was made with; nothing sealed opens with another.",
        )
    return XaesKey(root_key.derive(_FORMAT.encode(), b"seal", environment.encode(), salt))


def check_label(folder: Path, environment: str) -> dict[str, str] | None:
    """The ring's label, or None where no ring is yet; `KeyRingMismatch` if it is another environment's."""
    if not _ENVIRONMENT.fullmatch(environment):
        raise KeyRingMismatch(f"An environment's name is lower-case letters, digits and dashes, not {environment!r}.")
    content = files.read(folder / LABEL)
    if content is None:
        others = sorted(path.parent.name for path in folder.parent.glob(f"*/{LABEL}"))
        if others:
            raise _mismatch(environment, others)
        return None
    label: dict[str, str] = json.loads(content)
    if label["format"] != _FORMAT:
        raise Tampered
    if label["environment"] != environment:
        raise _mismatch(environment, [label["environment"]])
    return label


def write_label(folder: Path, environment: str, salt: bytes, root: RootSource) -> None:
    """Label a ring, unless it has a label. What it says is bound by `check`, which takes the root key to make."""
    check = _check(_root_key(root, salt), environment, salt)
    label = {"format": _FORMAT, "environment": environment, "salt": salt.hex(), "check": check.hex()}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write_once(folder / LABEL, json.dumps(label, indent=1).encode() + b"\n")


def _root_key(root: RootSource, salt: bytes) -> MacKey:
    key = root(salt)
    try:
        return MacKey(key)
    finally:
        key[:] = bytes(len(key))


def _check(root_key: MacKey, environment: str, salt: bytes) -> bytes:
    return root_key.derive(_FORMAT.encode(), b"check", environment.encode(), salt)


def _mismatch(environment: str, owners: list[str]) -> KeyRingMismatch:
    return KeyRingMismatch(
        f"This key ring is for the environment {' and '.join(owners)}, not for {environment}.",
        hint=f"Set the environment back, or give {environment} a home of its own.",
    )
