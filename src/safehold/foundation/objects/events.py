"""Events about stored files. They say what was done to which object, how large it was and for what; no content."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = ["KINDS", "REMOVED", "STORED", "SWEPT"]

STORED = EventType("object.stored", "Stored a file of {size} bytes ({kind})", ("kind", "size"))
REMOVED = EventType("object.removed", "Removed a file of {size} bytes ({kind})", ("kind", "size"))
SWEPT = EventType("object.swept", "Removed what {count} cut-off uploads had left behind", ("count",))

KINDS: dict[str, FieldKind] = {
    "kind": Kind.CODE,
    "size": Kind.COUNT,
    "count": Kind.COUNT,
}
"""What each plain field holds."""
