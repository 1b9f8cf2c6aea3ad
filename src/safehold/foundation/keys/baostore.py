"""The key store in OpenBao: one transit key a tenant, which never leaves the server. `specs/key-store.md`, section 6.

What the server can't remember of itself lies in its KV store: that a tenant's key was destroyed, and the platform's own
wrapped data keys.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from safehold.foundation.keys.errors import KeysDestroyed, KeysMissing
from safehold.foundation.keys.openbao import BaoClient, BaoRefused, segment
from safehold.foundation.keys.store import KeyVersion, Wrapped
from safehold.kernel.errors import Conflict, Tampered, Unavailable
from safehold.kernel.framing import frame

__all__ = ["BATCH", "BaoKeyStore", "BaoMounts"]

BATCH = 240
"""Keys in one request: the server refuses a body of more than 1,000 strings, and each key takes four with the names."""

T = TypeVar("T")

_TRIES = 20
_NOT_FOUND = "encryption key not found"
_TOO_OLD = "too old"


@dataclass(frozen=True, slots=True)
class BaoMounts:
    """Where the two engines that are used are mounted."""

    transit: str = "transit"
    kv: str = "kv"


class BaoKeyStore:
    """Keeps keys in OpenBao, those of one environment. See `store.KeyStore` for what each method promises."""

    def __init__(self, client: BaoClient, environment: str, mounts: BaoMounts = BaoMounts()) -> None:
        self.environment = environment
        self._client = client
        self._transit = "/".join(map(segment, mounts.transit.split("/")))
        self._kv = "/".join(map(segment, mounts.kv.split("/")))

    def create(self, tenant_id: UUID) -> int:
        """Make a tenant's first key, unless it has one; the present version."""
        found = self._key(tenant_id)
        if found is None:
            self._refuse_destroyed(tenant_id)
            kind = {"type": "aes256-gcm96", "exportable": False, "allow_plaintext_backup": False}
            self._client.ask("POST", self._at("keys", tenant_id), kind)
            found = self._there(tenant_id)
        return int(found["latest_version"])

    def rotate(self, tenant_id: UUID) -> int:
        """Add a version that wraps from now on; its number."""
        self._there(tenant_id)
        self._client.ask("POST", self._at("keys", tenant_id, "rotate"), {})
        return int(self._there(tenant_id)["latest_version"])

    def trim(self, tenant_id: UUID, oldest: int) -> None:
        """Forget the versions below `oldest`; the newest always stays. The floor can't be moved back."""
        newest = int(self._there(tenant_id)["latest_version"])
        floor = min(oldest, newest)
        limits = {"min_decryption_version": floor, "min_encryption_version": floor}
        self._client.ask("POST", self._at("keys", tenant_id, "config"), limits)
        self._client.ask("POST", self._at("keys", tenant_id, "trim"), {"min_available_version": floor})

    def destroy(self, tenant_id: UUID, *, leave_word: bool = True) -> None:
        """Forget a tenant's key for good; the word is left first, so that no crash between makes it come back."""
        self._there(tenant_id)
        if leave_word:
            now = datetime.now(UTC).isoformat()
            self._client.ask("POST", self._word(tenant_id), {"data": {"destroyed_at": now}})
        self._client.ask("POST", self._at("keys", tenant_id, "config"), {"deletion_allowed": True})
        self._client.ask("DELETE", self._at("keys", tenant_id))

    def versions(self, tenant_id: UUID) -> list[KeyVersion]:
        """The versions of a tenant's key, oldest first; none where there is no key."""
        found = self._key(tenant_id)
        entries = [] if found is None or self._was_destroyed(tenant_id) else found["keys"].items()
        return sorted(
            (KeyVersion(int(number), datetime.fromtimestamp(at, UTC)) for number, at in entries),
            key=lambda version: version.number,
        )

    def tenants(self) -> list[UUID]:
        """Every tenant that has a key, the platform included."""
        found = self._client.ask("LIST", f"{self._transit}/keys") or {}
        mine = f"{self.environment}."
        names = [str(name) for name in found.get("keys", ()) if str(name).startswith(mine)]
        return sorted(UUID(name.removeprefix(mine)) for name in names)

    def wrap(self, tenant_id: UUID, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (key, context) under the present version of the tenant's key."""
        found = []
        for some in _batches(keys):
            items = [{"plaintext": _text(key), "associated_data": self._bound(tenant_id, ctx)} for key, ctx in some]
            found += [_wrapped(item["ciphertext"]) for item in self._batch("encrypt", tenant_id, items)]
        return found

    def unwrap(self, tenant_id: UUID, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """The keys in each (wrapped key, context)."""
        found = []
        for some in _batches(keys):
            items = [
                {"ciphertext": _ciphertext(wrapped), "associated_data": self._bound(tenant_id, context)}
                for wrapped, context in some
            ]
            found += [_bytes(item["plaintext"]) for item in self._batch("decrypt", tenant_id, items)]
        return found

    def platform_keys(self) -> bytes:
        """The document that lists the platform's own wrapped data keys; empty at first."""
        return self._drawer()[0]

    def change_platform_keys(self, change: Callable[[bytes], bytes]) -> bytes:
        """Replace that document by `change(document)`, alone and whole; what it is now."""
        for _ in range(_TRIES):
            before, version = self._drawer()
            if (after := change(before)) == before:
                return after
            if self._replaced(after, version):
                return after
        raise Conflict("The platform's keys were changed by somebody else again and again: try again.")

    def _drawer(self) -> tuple[bytes, int]:
        found = self._client.ask("GET", f"{self._kv}/data/{segment(self.environment)}/platform-data-keys")
        if found is None:
            return b"", 0
        return _bytes(found["data"]["document"]), int(found["metadata"]["version"])

    def _replaced(self, document: bytes, version: int) -> bool:
        """Whether it was still the version that was read: check-and-set."""
        body = {"options": {"cas": version}, "data": {"document": _text(document)}}
        try:
            self._client.ask("POST", f"{self._kv}/data/{segment(self.environment)}/platform-data-keys", body)
        except BaoRefused as refused:
            if any("check-and-set" in said for said in refused.says):
                return False
            raise _unexpected() from None
        return True

    def _batch(self, what: str, tenant_id: UUID, items: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
        try:
            found = self._client.ask("POST", self._at(what, tenant_id), {"batch_input": items})
        except BaoRefused as refused:
            raise self._meaning(tenant_id, refused) from None
        results = (found or {}).get("batch_results", ())
        if len(results) != len(items):
            raise Tampered
        yield from results

    def _meaning(self, tenant_id: UUID, refused: BaoRefused) -> Exception:
        """What a refusal to wrap or unwrap stands for. Where there is no key the server says only that one may not."""
        if self._key(tenant_id) is None:
            return KeysDestroyed() if self._was_destroyed(tenant_id) else self._missing(tenant_id)
        if refused.status == 403:
            return _unexpected()
        return KeysDestroyed() if any(_TOO_OLD in said for said in refused.says) else Tampered()

    def _key(self, tenant_id: UUID) -> dict[str, Any] | None:
        return self._client.ask("GET", self._at("keys", tenant_id))

    def _there(self, tenant_id: UUID) -> dict[str, Any]:
        self._refuse_destroyed(tenant_id)
        found = self._key(tenant_id)
        if found is None:
            raise self._missing(tenant_id)
        return found

    def _missing(self, tenant_id: UUID) -> KeysMissing:
        return KeysMissing(f"There is no key for tenant {tenant_id} in the {self.environment} key store.")

    def _refuse_destroyed(self, tenant_id: UUID) -> None:
        if self._was_destroyed(tenant_id):
            raise KeysDestroyed

    def _was_destroyed(self, tenant_id: UUID) -> bool:
        return self._client.ask("GET", self._word(tenant_id)) is not None

    def _word(self, tenant_id: UUID) -> str:
        return f"{self._kv}/data/{segment(self.environment)}/destroyed/{tenant_id}"

    def _at(self, what: str, tenant_id: UUID, more: str = "") -> str:
        name = segment(f"{self.environment}.{tenant_id}")
        return f"{self._transit}/{what}/{name}" + (f"/{more}" if more else "")

    def _bound(self, tenant_id: UUID, context: bytes) -> str:
        bound = frame(b"safehold-wrapped-key/1", self.environment.encode(), tenant_id.bytes) + frame(context)
        return _text(bound)


def _batches(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _wrapped(ciphertext: str) -> Wrapped:
    _, version, blob = ciphertext.split(":", 2)
    return Wrapped(int(version.removeprefix("v")), _bytes(blob))


def _ciphertext(wrapped: Wrapped) -> str:
    return f"vault:v{wrapped.version}:{_text(wrapped.blob)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Tampered from None


def _unexpected() -> Unavailable:
    return Unavailable(
        "OpenBao refuses what this installation needs.", hint="Look at its policy: docs/how-to/openbao.md has it."
    )
