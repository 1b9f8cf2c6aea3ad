"""The static files, put where they are served from."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from safehold.kernel.installation import Installation
from safehold.operations.files import replace

__all__ = ["collect_static"]


def collect_static(installation: Installation) -> bool:
    """Put the static files where they are served from, under hashed names, unless they are the same as last time."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    sources = sorted(storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    digest = hashlib.sha256(version("django").encode())
    for source in sources:
        digest.update(f"{source}\n".encode() + Path(source).read_bytes())
    stamp = installation.home / "static" / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    replace(stamp, digest.hexdigest().encode())
    return True
