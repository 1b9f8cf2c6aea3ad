"""Events about keys. They carry numbers and names, never key material."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = ["CREATED", "DATA_KEYS_ROTATED", "DESTROYED", "KINDS", "ROTATED", "SUBJECT_DESTROYED"]

CREATED = EventType("keys.created", "made the keys (version {version})", ("version",))
ROTATED = EventType(
    "keys.rotated",
    "rotated the key to version {version} and wrapped {data_keys} data keys anew",
    ("version", "data_keys"),
    security=True,
)
DATA_KEYS_ROTATED = EventType(
    "keys.data-rotated", "retired {data_keys} data keys and made new ones", ("data_keys",), security=True
)
DESTROYED = EventType(
    "keys.destroyed", "destroyed the keys: what they sealed is gone for good", ("data_keys",), security=True
)
SUBJECT_DESTROYED = EventType(
    "keys.subject-destroyed",
    "erased the personal details kept under {on} for good ({data_keys} data keys)",
    ("data_keys",),
    security=True,
)

KINDS: dict[str, FieldKind] = {
    "version": Kind.COUNT,
    "data_keys": Kind.COUNT,
}
"""What each plain field holds."""
