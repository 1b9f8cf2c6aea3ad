"""What can be wrong with stored files. A message names the folder only to whoever starts Safehold."""

from __future__ import annotations

from safehold.kernel.errors import SafeholdError, Unavailable

__all__ = ["FileLost", "StoreFull", "StoreMismatch", "StoreUnusable"]


class StoreFull(Unavailable):
    """There is no room left where files are stored. Nothing was changed."""

    code = "store-full"


class StoreUnusable(Unavailable):
    """The place where files are stored can't be used just now."""

    code = "store-unusable"


class StoreMismatch(Unavailable):
    """These stored files belong to another environment."""

    code = "store-mismatch"


class FileLost(SafeholdError):
    """This file is registered, but it isn't where files are stored."""

    code = "file-lost"
    status = 500
