"""The key store: it keeps the tenants' keys apart from the database and its backups, and never hands them out.

A tenant's key wraps and unwraps data keys. Whoever holds the database alone holds wrapped data keys only. The default
store is a folder of sealed files (`filestore`); OpenBao's transit engine fits the same interface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

__all__ = ["KeyStore", "KeyVersion", "Wrapped"]


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of a tenant's key; the highest number wraps, all that are left unwrap."""

    number: int
    created_at: datetime


class Wrapped(NamedTuple):
    """A data key as the database holds it: which version of the tenant's key opens it, and the sealed bytes."""

    version: int
    blob: bytes


class KeyStore(Protocol):
    """What every key store can do. `context` names the data key and its purpose; unwrapping takes the same one."""

    environment: str

    def create(self, tenant_id: UUID) -> int:
        """Make a tenant's first key, unless it has one; the present version."""

    def rotate(self, tenant_id: UUID) -> int:
        """Add a version that wraps from now on; its number. Older versions go on unwrapping."""

    def trim(self, tenant_id: UUID, oldest: int) -> None:
        """Forget the versions below `oldest`, for good."""

    def destroy(self, tenant_id: UUID, *, leave_word: bool = True) -> None:
        """Forget a tenant's key in all versions, for good.

        The store remembers that, and never makes a key for this tenant again; without `leave_word`, for the scratch
        keys of probes, it remembers nothing.
        """

    def versions(self, tenant_id: UUID) -> list[KeyVersion]:
        """The versions of a tenant's key, oldest first; none where there is no key."""

    def tenants(self) -> list[UUID]:
        """Every tenant that has a key, the platform included."""

    def wrap(self, tenant_id: UUID, keys: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (key, context) under the present version of the tenant's key."""

    def unwrap(self, tenant_id: UUID, keys: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """The keys in each (wrapped key, context)."""

    def platform_keys(self) -> bytes:
        """The document that lists the platform's own wrapped data keys; empty at first."""

    def change_platform_keys(self, change: Callable[[bytes], bytes]) -> bytes:
        """Replace that document by `change(document)`, alone and whole; what it is now."""
