"""An installation's files: made once, then loaded into the typed `Installation` that every floor reads."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safehold.kernel.errors import Problem
from safehold.kernel.installation import Installation
from safehold.operations.account import service_account
from safehold.operations.database.outside import outside_server
from safehold.operations.database.place import PORT, place_of
from safehold.operations.errors import BadSettings, StartProblem
from safehold.operations.files import make_once
from safehold.operations.processes.records import ports
from safehold.operations.settings_file import example, read_settings

__all__ = ["DATABASE_ROLES", "SUPERUSER_PASSWORD", "create", "default_home", "load", "require_home"]

DATABASE_ROLES = ("owner", "app", "sealer", "backup", "staff", "queue")
SUPERUSER_PASSWORD = "db-postgres.password"  # noqa: S105  (a file's name)

_WHERE = "Name another with --home DIR, or start one there: `safehold up`"
_WHOSE = "Run this as its owner, or as root."
_KEYS = ("ticket.key", "root.key", "django.key")
_FOLDERS = ("secrets", "keys", "tls", "run", "logs", "anchors", "archive")
_UNFINISHED = ".settings.toml."
_PATHS = ("postgres_bin", "tls_cert", "tls_key", "objects_folder", "egress_ca", "archive_folder", "openbao_ca")


def require_home(home: Path) -> None:
    """Raise, with what to do, where no installation was ever made."""
    try:
        found = (home / "settings.toml").exists() or (home / "run").is_dir()
    except PermissionError:
        raise BadSettings(f"{home} belongs to somebody else.", hint=_WHOSE) from None
    if home.is_file():
        raise BadSettings(f"{home} isn't a folder.", hint="Name an installation's folder with --home DIR.")
    if not found:
        raise BadSettings(f"There is no installation in {home}.", hint=_WHERE)


def default_home() -> Path:
    """The home that SAFEHOLD_HOME names, else .safehold in the present folder."""
    return Path(os.environ.get("SAFEHOLD_HOME") or ".safehold").expanduser().absolute()


def create(home: Path, settings: Mapping[str, object] | None = None) -> Installation:
    """Make what is missing of an installation's files and load it. Safe to repeat: keys are never made twice."""
    home = home.expanduser().absolute()
    _make_home(home)
    for name in _FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    for name in ("run", "logs"):
        (home / name).chmod(0o755)  # root's supervisor writes there, the service account reads
    for name in _KEYS:
        make_once(home / "secrets" / name, secrets.token_bytes(32))
    for name in (*(f"db-{role}.password" for role in DATABASE_ROLES), SUPERUSER_PASSWORD):
        make_once(home / "secrets" / name, secrets.token_urlsafe(32).encode())
    values: dict[str, object] = {"id": uuid.uuid4().hex, "environment": "production", "host": "localhost"}
    values |= {"port": 8443, "http_port": 8080}
    make_once(home / "settings.toml", example(values | dict(settings or {})).encode())
    return load(home)


def load(home: Path) -> Installation:
    """Read settings.toml. The ports of what runs here now win over it, the variables SAFEHOLD_… over both."""
    home = home.expanduser().absolute()
    try:
        values = read_settings(home / "settings.toml") | ports(home) | _from_environment()
    except FileNotFoundError:
        raise BadSettings(
            f"There is no installation in {home}.",
            hint=_WHERE,
        ) from None
    except PermissionError:
        raise BadSettings(f"{home} belongs to somebody else.", hint=_WHOSE) from None
    except NotADirectoryError:
        raise BadSettings(f"{home} isn't a folder.", hint="Name an installation's folder with --home DIR.") from None
    if ("tls_cert" in values) != ("tls_key" in values):
        problem = Problem("tls_cert and tls_key", "both or neither")
        raise BadSettings(f"{home / 'settings.toml'} can't be used as it is.", problems=(problem,))
    given = {name: Path(str(value)) if name in _PATHS else value for name, value in values.items()}
    given["egress_private"] = tuple(filter(None, str(given.get("egress_private", "")).replace(" ", "").split(",")))
    given["http_port"] = given.get("http_port", 8080) or None
    installation = Installation(home=home, **given)  # type: ignore[arg-type]  # read_settings checked each type
    if installation.database_admin_url is None:
        return replace(installation, database_host=str(place_of(home).sockets), database_port=PORT)
    host, port, options = outside_server(installation.database_admin_url)
    return replace(installation, database_host=host, database_port=port, database_options=options)


def _make_home(home: Path) -> None:
    """The home is private to whom the server runs as; each folder inside to whom uses it."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (home / "settings.toml").exists():
            _refuse_used(home)
            service_account(home).own(home)
        home.chmod(0o700)
    except PermissionError:
        raise StartProblem(f"{home} can't be made or used by you.", hint="Choose another with --home.") from None
    except (FileExistsError, NotADirectoryError):
        raise StartProblem(f"{home} isn't a folder.", hint="Choose another with --home.") from None
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise StartProblem(f"{home} can't be made: {why}.", hint="Choose another with --home.") from None


def _refuse_used(home: Path) -> None:
    """A folder of other things isn't made a home: it would be closed to everybody else who uses it, /etc say."""
    ours = {*_FOLDERS, "postgres", "objects", "static", "mail", "lost+found"}
    others = [path.name for path in home.iterdir() if path.name not in ours and not path.name.startswith(_UNFINISHED)]
    if others:
        message = f"{home} is no installation, and it isn't empty: {min(others)} lies there."
        raise StartProblem(message, hint="Choose a new or an empty folder with --home.")


def _from_environment() -> dict[str, object]:
    found: dict[str, object] = {}
    for name in ("port", "http_port"):
        if text := os.environ.get(f"SAFEHOLD_{name.upper()}"):
            if not text.isdecimal():
                raise BadSettings(f"SAFEHOLD_{name.upper()} should be a port number, not {text[:20]!r}.")
            found[name] = int(text)
    if folder := os.environ.get("SAFEHOLD_POSTGRES_BIN"):
        found["postgres_bin"] = folder
    return found
