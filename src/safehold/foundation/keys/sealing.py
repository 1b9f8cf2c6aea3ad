"""Sealing values for their place: what other rooms call. The format is `specs/sealed-field.md`.

    place = Place(tenant_id, "records_value", str(field_id), record_id)
    sealed = seal(place, "1 May 1957".encode())
    open_sealed(place, sealed)

Each works in whatever scoped transaction is open, and only for that scope's tenant; `PLATFORM` as the tenant seals with
the platform's own keys, in any scope. A value that doesn't open raises `Tampered`, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from safehold.foundation.keys import ring
from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.usage import count_uses
from safehold.kernel import sealedfield
from safehold.kernel.ids import PLATFORM
from safehold.kernel.sealedfield import Place

__all__ = ["Place", "Purpose", "open_many", "open_sealed", "seal", "seal_many"]


def seal(place: Place, plaintext: bytes, *, purpose: Purpose = Purpose.FIELD, subject: str = "") -> bytes:
    """Seal one value for its place. With a `subject` the value can later be shredded with that subject's key."""
    (sealed,) = seal_many([(place, plaintext)], purpose=purpose, subject=subject)
    return sealed


def seal_many(
    values: Sequence[tuple[Place, bytes]], *, purpose: Purpose = Purpose.FIELD, subject: str = ""
) -> list[bytes]:
    """`seal` for many values, in order; several times faster by the value."""
    tenants = {place.tenant_id for place, _ in values}
    if len(tenants) > 1:
        return [seal(*value, purpose=purpose, subject=subject) for value in values]
    sealed: list[bytes] = []
    for tenant_id in tenants:
        live = ring.active_key(tenant_id, purpose, _subject(tenant_id, purpose, subject))
        sealed = sealedfield.seal_many(live.cipher, live.id, values)
        count_uses(live, len(values))
    return sealed


def open_sealed(place: Place, sealed: bytes | memoryview) -> bytes:
    """The value that was sealed for this place, or `Tampered`."""
    return _open_group(place.tenant_id, [(place, sealed)])[0]


def open_many(values: Sequence[tuple[Place, bytes | memoryview]]) -> list[bytes]:
    """`open_sealed` for many values, in order. One that doesn't open refuses them all."""
    groups: dict[tuple[UUID, bytes], list[int]] = {}
    for at, (place, sealed) in enumerate(values):
        groups.setdefault((place.tenant_id, bytes(sealed[: sealedfield.HEADER])), []).append(at)
    found = [b""] * len(values)
    for (tenant_id, _), places in groups.items():
        opened = _open_group(tenant_id, [values[at] for at in places])
        for at, plaintext in zip(places, opened, strict=True):
            found[at] = plaintext
    return found


def _subject(tenant_id: UUID, purpose: Purpose, subject: str) -> str:
    """The platform has one key a purpose, whoever is concerned; for logs, one a month: there are never many."""
    return "" if tenant_id == PLATFORM and purpose is not Purpose.LOG else subject


def _open_group(tenant_id: UUID, values: Sequence[tuple[Place, bytes | memoryview]]) -> list[bytes]:
    """Open values of one tenant that ask for the same key."""
    key_id = sealedfield.key_id_of(values[0][1])
    return sealedfield.open_many(ring.key_with_id(tenant_id, key_id).cipher, key_id, values)
