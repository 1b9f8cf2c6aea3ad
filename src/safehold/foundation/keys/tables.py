"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT"]

EXEMPT: dict[str, str] = {
    "keys_platform_data_key": "The platform's keys of subjects, wrapped; open to scopes outside any tenant only.",
}
