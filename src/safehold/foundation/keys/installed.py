"""The key store that this installation uses."""

from __future__ import annotations

import functools

from django.conf import settings

from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.rootkey import read_root_key
from safehold.foundation.keys.store import KeyStore
from safehold.kernel.installation import Installation

__all__ = ["current_store", "store_of"]


def current_store() -> KeyStore:
    """The store of the installation in the settings, opened once a process."""
    return _opened(settings.SAFEHOLD)


def store_of(installation: Installation) -> KeyStore:
    """A store of its own for an installation."""
    root_file = installation.secrets / "root.key"
    return FileKeyStore(
        installation.keys / installation.environment,
        installation.environment,
        functools.partial(read_root_key, root_file),
    )


_opened = functools.lru_cache(maxsize=4)(store_of)
