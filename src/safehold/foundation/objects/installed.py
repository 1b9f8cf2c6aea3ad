"""The store that this installation uses. What isn't a folder, an S3 bucket say, is chosen here and nowhere else."""

from __future__ import annotations

import functools

from django.conf import settings

from safehold.foundation.objects.stores import FolderStore, Store, claim
from safehold.kernel.installation import Installation

__all__ = ["current_store", "store_of"]


def current_store() -> Store:
    """The store of the installation in the settings, opened once a process; made and marked if it is new."""
    return _opened(settings.SAFEHOLD)


def store_of(installation: Installation) -> Store:
    """A store of its own for an installation; `StoreMismatch` if what lies there is another environment's."""
    owner = installation.secrets.stat()
    store = FolderStore(installation.objects, owner=(owner.st_uid, owner.st_gid))
    claim(store, installation.environment)
    return store


_opened = functools.lru_cache(maxsize=4)(store_of)
