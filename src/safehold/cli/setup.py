"""Setting Django up for a command: on the installation at hand, or on none, to tell what the command takes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from safehold.kernel.errors import NotFound, SafeholdError
from safehold.operations.installation import create, default_home, load
from safehold.operations.selectors import listening_url

__all__ = ["set_up_django"]

_SETTINGS = "safehold.project.settings"


def set_up_django() -> SafeholdError | None:
    """Load the settings of the home that SAFEHOLD_HOME names. Where no command could work there, say why.

    Django is set up all the same, over an installation that is gone by the time this returns: enough to read what a
    command takes, so that its help and a wrong option need no installation.
    """
    home = default_home()
    if (wrong := _what_is_wrong(home)) is not None:
        _stand_in()
        return wrong
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    if url := listening_url(home):  # It may run on another port than its settings name.
        os.environ.setdefault("SAFEHOLD_PORT", str(urlsplit(url).port or 443))
    os.environ.setdefault("SAFEHOLD_LOG", str(home / "logs" / "commands.log"))
    os.environ.setdefault("SAFEHOLD_POOL", "off")  # A command needs one connection, and wants to know at once.
    _set_up()
    return None


def _what_is_wrong(home: Path) -> SafeholdError | None:
    """Why no command could work on this home, as far as its files tell."""
    try:
        installation = load(home)
        installation.secret("django.key")
        installation.login(os.environ.get("SAFEHOLD_ROLE", "app"))
    except SafeholdError as error:
        return error
    except OSError as error:
        why = f"{error.filename} can't be read ({os.strerror(error.errno or 0)})."
        return NotFound(why, hint="Put it back from your own safe copy of this installation, with the rights it had.")
    return None


def _stand_in() -> None:
    """Set Django up over an installation made for this and removed at once; nothing if it is set up already."""
    from django.apps import apps  # noqa: PLC0415 - as below

    if apps.ready:
        return
    ours = {name: value for name, value in os.environ.items() if name.startswith("SAFEHOLD_")}
    for name in ours:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="safehold-help-") as folder:
        # With settings of its own it is no new home, for which root would make the account that its servers run as.
        (Path(folder) / "settings.toml").touch()
        os.environ["SAFEHOLD_HOME"] = str(create(Path(folder)).home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
        try:
            _set_up()
        finally:
            del os.environ["SAFEHOLD_HOME"]
            os.environ.update(ours)


def _set_up() -> None:
    import django  # noqa: PLC0415 - only commands that need it pay for it

    django.setup()
