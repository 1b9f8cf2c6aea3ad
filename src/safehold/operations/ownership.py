"""Whose the home's files are, where root starts an installation that then runs as another account."""

from __future__ import annotations

import os
from pathlib import Path

from safehold.operations.account import Account

__all__ = ["give_back", "give_files"]

# What the served processes read and write. The folders logs and run stay the supervisor's.
_THEIRS = ("secrets", "keys", "tls", "anchors", "archive", "static", "mail", "settings.toml")


def give_files(home: Path, account: Account) -> None:
    """Give the account the files its processes work with, whoever made them."""
    for name in _THEIRS:
        path = home / name
        if path.is_dir():
            account.own_all(path)
        elif path.exists():
            account.own(path)
    for log in (home / "logs").glob("*"):  # the files: what gathers them runs as this account; the folder stays
        account.own(log)


def give_back(home: Path) -> None:
    """After a command that root ran: what it made belongs to whoever this home's secrets belong to."""
    if os.geteuid() != 0:
        return
    try:
        owner = (home / "secrets").stat()
    except OSError:
        return
    if owner.st_uid != 0:
        give_files(home, Account(str(owner.st_uid), owner.st_uid, owner.st_gid))
