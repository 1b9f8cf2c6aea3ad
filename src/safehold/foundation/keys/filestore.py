"""The default key store: a folder of sealed files, one a tenant. `specs/key-store.md`.

Each file holds the versions of one tenant's key, sealed under the root key and bound to environment, tenant and
version: a file moved to another tenant's name or another environment's folder doesn't open.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from safehold.foundation.keys import files
from safehold.foundation.keys.conf import CACHE_SECONDS
from safehold.foundation.keys.errors import KeysDestroyed, KeysMissing
from safehold.foundation.keys.keyring import RootSource, open_ring
from safehold.foundation.keys.store import KeyVersion, Wrapped
from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame
from safehold.kernel.xaes import KEY_SIZE, XaesKey

__all__ = ["FileKeyStore"]

_FORMAT = "safehold-tenant-key/1"
_DRAWER = "platform-data-keys.json"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A tenant's key in memory, until its time is up."""

    versions: dict[int, XaesKey]
    until: float


class FileKeyStore:
    """Keeps keys in `folder`, the folder of one environment. See `store.KeyStore` for what each method promises."""

    def __init__(
        self, folder: Path, environment: str, root: RootSource, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.environment = environment
        self._folder = folder
        self._root = root
        self._monotonic = monotonic
        self._seal: XaesKey | None = None
        self._opened: dict[UUID, _Opened] = {}
        self._lock = threading.Lock()

    def create(self, tenant_id: UUID) -> int:
        """Make a tenant's first key, unless it has one; the present version."""
        with files.alone(self._folder):
            entries = self._entries(tenant_id, missing_ok=True)
            return int(entries[-1]["number"]) if entries else self._add_version(tenant_id, [])

    def rotate(self, tenant_id: UUID) -> int:
        """Add a version that wraps from now on; its number."""
        with files.alone(self._folder):
            return self._add_version(tenant_id, self._entries(tenant_id))

    def trim(self, tenant_id: UUID, oldest: int) -> None:
        """Forget the versions below `oldest`; the newest always stays."""
        with files.alone(self._folder):
            entries = self._entries(tenant_id)
            kept = [entry for entry in entries if entry["number"] >= oldest] or entries[-1:]
            files.erase(self._path(tenant_id))
            self._write(tenant_id, {"versions": kept})

    def destroy(self, tenant_id: UUID, *, leave_word: bool = True) -> None:
        """Forget a tenant's key; a file that says so stays in its place."""
        with files.alone(self._folder):
            self._entries(tenant_id)
            files.erase(self._path(tenant_id))
            self._write(tenant_id, {"destroyed_at": datetime.now(UTC).isoformat()})
            if not leave_word:
                self._path(tenant_id).unlink()

    def versions(self, tenant_id: UUID) -> list[KeyVersion]:
        """The versions of a tenant's key, oldest first; none where there is no key."""
        try:
            entries = self._entries(tenant_id, missing_ok=True)
        except KeysDestroyed:
            return []
        return [KeyVersion(entry["number"], datetime.fromisoformat(entry["created_at"])) for entry in entries]

    def tenants(self) -> list[UUID]:
        """Every tenant that has a key, the platform included."""
        names = [path.stem for path in self._folder.glob("*-*-*-*-*.json")]
        return sorted(tenant_id for tenant_id in map(UUID, names) if self.versions(tenant_id))

    def wrap(self, tenant_id: UUID, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (key, context) under the present version of the tenant's key."""
        versions = self._open(tenant_id)
        number = max(versions)
        bind = self._wrapping_data(tenant_id, number)
        return [
            Wrapped(number, blob)
            for blob in versions[number].seal_many([(key, bind + frame(context)) for key, context in keys])
        ]

    def unwrap(self, tenant_id: UUID, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """The keys in each (wrapped key, context)."""
        versions = self._open(tenant_id)
        if any(wrapped.version not in versions for wrapped, _ in keys):
            self._forget(tenant_id)  # another process may have rotated
            versions = self._open(tenant_id)
        found = []
        for wrapped, context in keys:
            if wrapped.version < min(versions):
                raise KeysDestroyed
            if wrapped.version not in versions:
                raise Tampered
            bind = self._wrapping_data(tenant_id, wrapped.version) + frame(context)
            found.append(versions[wrapped.version].open(wrapped.blob, bind))
        return found

    def platform_keys(self) -> bytes:
        """The document that lists the platform's own wrapped data keys; empty at first."""
        self._sealer()
        return files.read(self._folder / _DRAWER) or b""

    def change_platform_keys(self, change: Callable[[bytes], bytes]) -> bytes:
        """Replace that document by `change(document)`, alone and whole; what it is now."""
        with files.alone(self._folder):
            before = self.platform_keys()
            if (after := change(before)) != before:
                files.write(self._folder / _DRAWER, after)
            return after

    def _open(self, tenant_id: UUID) -> dict[int, XaesKey]:
        now = self._monotonic()
        with self._lock:
            self._opened = {id_: opened for id_, opened in self._opened.items() if opened.until > now}
            if opened := self._opened.get(tenant_id):
                return opened.versions
        versions = {}
        for entry in self._entries(tenant_id):
            number, sealed = int(entry["number"]), base64.b64decode(entry["sealed"])
            versions[number] = XaesKey(self._sealer().open(sealed, self._sealing_data(tenant_id, number)))
        with self._lock:
            self._opened[tenant_id] = _Opened(versions, now + CACHE_SECONDS)
        return versions

    def _forget(self, tenant_id: UUID) -> None:
        with self._lock:
            self._opened.pop(tenant_id, None)

    def _sealer(self) -> XaesKey:
        """The key that seals the files, from the root key; opened once, when it is first needed."""
        if self._seal is None:
            self._seal = open_ring(self._folder, self.environment, self._root)
        return self._seal

    def _path(self, tenant_id: UUID) -> Path:
        return self._folder / f"{tenant_id}.json"

    def _entries(self, tenant_id: UUID, *, missing_ok: bool = False) -> list[dict[str, Any]]:
        content = files.read(self._path(tenant_id))
        if content is None:
            if missing_ok:
                return []
            raise KeysMissing(f"There is no key for tenant {tenant_id} in the {self.environment} key store.")
        document = json.loads(content)
        if document["format"] != _FORMAT:
            raise Tampered
        if "destroyed_at" in document:
            raise KeysDestroyed
        entries: list[dict[str, Any]] = document["versions"]
        return entries

    def _add_version(self, tenant_id: UUID, entries: list[dict[str, Any]]) -> int:
        number = entries[-1]["number"] + 1 if entries else 1
        sealer = self._sealer()
        key = os.urandom(KEY_SIZE)
        sealed = sealer.seal(key, self._sealing_data(tenant_id, number))
        entry = {
            "number": number,
            "created_at": datetime.now(UTC).isoformat(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        self._write(tenant_id, {"versions": [*entries, entry]})
        return number

    def _write(self, tenant_id: UUID, content: dict[str, Any]) -> None:
        document = {"format": _FORMAT, "environment": self.environment, "tenant": str(tenant_id)} | content
        files.write(self._path(tenant_id), json.dumps(document, indent=1).encode() + b"\n")
        self._forget(tenant_id)

    def _sealing_data(self, tenant_id: UUID, number: int) -> bytes:
        return frame(_FORMAT.encode(), self.environment.encode(), tenant_id.bytes, number.to_bytes(4, "big"))

    def _wrapping_data(self, tenant_id: UUID, number: int) -> bytes:
        bound = (self.environment.encode(), tenant_id.bytes, number.to_bytes(4, "big"))
        return frame(b"safehold-wrapped-key/1", *bound)
