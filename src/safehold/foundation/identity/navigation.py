"""What identity offers in the account menu and in a workspace's side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

_IN = Permission.SIGNED_IN.value

NAVIGATION = [
    NavItem("Profile", "user", "account_profile", _IN, place="account", order=10),
    NavItem("Password", "key-round", "account_change_password", _IN, place="account", order=20),
    NavItem("Second factor", "shield-check", "mfa_index", _IN, place="account", order=30, prefix="mfa_"),
    NavItem("Sessions", "monitor", "account_sessions", _IN, place="account", order=40),
    NavItem(
        "API tokens",
        "key",
        "identity_tokens",
        Permission.TOKENS_MANAGE.value,
        group="Workspace",
        order=80,
        prefix="identity_",
    ),
]
