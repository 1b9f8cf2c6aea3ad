"""The root key: 32 bytes that open the key store, from a file, an environment variable or a passphrase.

Looked for in this order: SAFEHOLD_ROOT_KEY (hexadecimal or base64), SAFEHOLD_ROOT_PASSPHRASE_FILE (a file holding a
passphrase, stretched with scrypt), and the file `root.key` among the installation's secrets.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from safehold.foundation.keys.errors import RootKeyUnusable
from safehold.kernel.mackey import stretch

__all__ = ["read_root_key"]

_SIZE = 32
_SHORTEST_PASSPHRASE = 16


def read_root_key(file: Path, salt: bytes, environ: Mapping[str, str] = os.environ) -> bytearray:
    """The root key's bytes; the caller wipes them. `salt` is the key ring's, for the passphrase."""
    if text := environ.get("SAFEHOLD_ROOT_KEY"):
        return _parse(text.encode(), "SAFEHOLD_ROOT_KEY")
    if name := environ.get("SAFEHOLD_ROOT_PASSPHRASE_FILE"):
        return _stretch(_read(Path(name)), salt)
    content = _read(file)
    return bytearray(content) if len(content) == _SIZE else _parse(content, str(file))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise RootKeyUnusable(
            f"The root key can't be read from {file}: {error.strerror}.",
            hint="Put the file back from your own safe copy; without it nothing sealed can be opened.",
        ) from None


def _parse(text: bytes, place: str) -> bytearray:
    """32 bytes from 64 hexadecimal digits or from base64."""
    text = b"".join(text.split())
    for decode in (binascii.unhexlify, _from_base64):
        try:
            key = decode(text)
        except (binascii.Error, ValueError):
            continue
        if len(key) == _SIZE:
            return bytearray(key)
    raise RootKeyUnusable(f"{place} doesn't hold a root key: expected 32 bytes, as they are, in hexadecimal or base64.")


def _from_base64(text: bytes) -> bytes:
    return base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(text) % 4), validate=True)


def _stretch(passphrase: bytes, salt: bytes) -> bytearray:
    passphrase = passphrase.strip()
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise RootKeyUnusable(f"The root passphrase is too short: expected {_SHORTEST_PASSPHRASE} characters at least.")
    return bytearray(stretch(passphrase, salt))
