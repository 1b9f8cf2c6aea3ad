"""Planted values: known plain texts that must never be found in clear, wherever they went in.

A room that seals declares a label, plants `phrase(label)` in the canary tenants through its own flows, and the raw scan
looks for it in every file of the database. Phrases are derived from a key, so that they lie nowhere but where they were
planted, and differ between installations.

    LABEL = canaries.declare("records/personal")
    create_record(scope=scope, ..., values={"name": canaries.phrase(LABEL)})
"""

from __future__ import annotations

from collections.abc import Callable

from safehold.foundation.keys import ring
from safehold.foundation.keys.conf import Purpose
from safehold.kernel.ids import PLATFORM

__all__ = ["PLANTED", "declare", "phrase", "planted_values"]

PLANTED: dict[str, Callable[[], str]] = {}
"""Every declared label, with what gives its plain text."""


def declare(label: str, value: Callable[[], str] | None = None) -> str:
    """Announce that a value is planted under this label: its phrase, or what `value` gives. Returns the label."""
    PLANTED[label] = value or (lambda: phrase(label))
    return label


def phrase(label: str) -> str:
    """The value to plant: 32 letters and digits that nobody could guess, the same each time.

    All of an installation's phrases begin alike, so that looking for many costs no more than looking for one.
    """
    key = ring.active_key(PLATFORM, Purpose.CANARY).mac
    common, own = key.derive(b"safehold/canary/1"), key.derive(b"safehold/canary/1", label.encode())
    return f"canary{common[:5].hex()}{own[:8].hex()}"


def planted_values() -> dict[str, str]:
    """The plain text of every label."""
    return {label: value() for label, value in PLANTED.items()}
