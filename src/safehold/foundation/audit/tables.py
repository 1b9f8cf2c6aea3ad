"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT"]

EXEMPT: dict[str, str] = {
    "audit_key": "Public keys that sign checkpoints. They are published; only the sealer adds one.",
    "audit_sealer_state": "Where the sealer stands: one row of a transaction number and two times.",
}
