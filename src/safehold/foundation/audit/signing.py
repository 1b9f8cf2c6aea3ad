"""The installation's checkpoint key: the secret half for the sealer, the published half for everybody."""

from __future__ import annotations

import os
from pathlib import Path

from safehold.kernel.auditevent import installation_name
from safehold.kernel.installation import Installation
from safehold.kernel.note import Signer, Verifier, new_seed

__all__ = ["published_keys", "signer"]

_SECRET = "checkpoint.key"  # noqa: S105  (a file's name)
_PUBLIC = "checkpoint.pub"


def signer(installation: Installation) -> Signer:
    """The signing key, made on first use; its public half is put beside the anchors, where verifiers find it."""
    seed = _seed(installation.secrets / _SECRET)
    found = Signer(installation_name(installation.id), seed)
    public = installation.anchors / _PUBLIC
    if not public.exists():
        installation.anchors.mkdir(mode=0o700, exist_ok=True)
        public.write_text(f"{found.verifier}\n", encoding="utf-8")
    return found


def published_keys(installation: Installation) -> list[Verifier]:
    """The public keys outside the database, one a line; none before the sealer's first start."""
    path = installation.anchors / _PUBLIC
    if not path.exists():
        return []
    return [Verifier.parse(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _seed(path: Path) -> bytes:
    """The 32 secret bytes; two sealers that start at once make one file between them."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_bytes(new_seed())
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_bytes()
