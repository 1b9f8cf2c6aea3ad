"""The key store that this installation uses."""

from __future__ import annotations

import functools
import os

from django.conf import settings

from safehold.foundation.keys.baostore import BaoKeyStore, BaoMounts
from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.openbao import BaoClient, BaoPlace, BaoUnreachable
from safehold.foundation.keys.rootkey import read_root_key
from safehold.foundation.keys.store import KeyStore
from safehold.kernel.installation import Installation

__all__ = ["SECRET_ID", "bao_place", "current_store", "folder_store", "store_of"]

SECRET_ID = "openbao.secret-id"  # noqa: S105  (a file's name)
"""The file, among the installation's secrets, that OpenBao's SecretID lies in."""


def current_store() -> KeyStore:
    """The store of the installation in the settings, opened once a process: a connection isn't shared over a fork."""
    return _opened(settings.SAFEHOLD, os.getpid())


def store_of(installation: Installation) -> KeyStore:
    """A store of its own for an installation: in OpenBao where the settings name a server, else the sealed folder."""
    if installation.openbao_url:
        mounts = BaoMounts(installation.openbao_transit, installation.openbao_kv)
        return BaoKeyStore(BaoClient(bao_place(installation)), installation.environment, mounts)
    return folder_store(installation)


def bao_place(installation: Installation) -> BaoPlace:
    """Where the settings say that OpenBao is. The SecretID is read each time that it is needed."""

    def secret_id() -> str:
        try:
            return installation.secret(SECRET_ID).decode().strip()
        except FileNotFoundError:
            raise BaoUnreachable(
                "This installation has no SecretID to log in to OpenBao with.",
                hint="Give it one: `safehold keys openbao`",
            ) from None

    return BaoPlace(
        installation.openbao_url,
        installation.openbao_role_id,
        secret_id,
        installation.openbao_ca,
        installation.openbao_namespace,
    )


def folder_store(installation: Installation) -> FileKeyStore:
    """The store in the folder of the home, whether or not it is the one that is used."""
    root_file = installation.secrets / "root.key"
    return FileKeyStore(
        installation.keys / installation.environment,
        installation.environment,
        functools.partial(read_root_key, root_file),
    )


@functools.lru_cache(maxsize=4)
def _opened(installation: Installation, _process: int) -> KeyStore:
    return store_of(installation)
