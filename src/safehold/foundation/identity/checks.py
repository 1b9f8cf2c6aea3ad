"""System checks: contradictions in the settings that would only show when somebody signs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.hashers import get_hasher
from django.core.checks import CheckMessage, Critical

__all__ = ["the_chosen_hash_is_there"]


def the_chosen_hash_is_there(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """`safehold.identity.E001` where the hash that new passwords get needs a package that isn't installed."""
    hasher: Any = get_hasher("default")
    try:
        hasher._load_library()  # noqa: SLF001 - Django has no other way to ask
    except ValueError:
        return [
            Critical(
                f"Passwords are to be hashed with {hasher.algorithm}, whose package isn't installed.",
                hint="Install the package bcrypt, or set password_hash to argon2.",
                id="safehold.identity.E001",
            )
        ]
    return []
