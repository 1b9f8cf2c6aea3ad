"""settings.toml: what may stand in it, what each line means, and clear words about what can't be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safehold.kernel.errors import Problem
from safehold.operations.errors import BadSettings

__all__ = ["SETTINGS", "Setting", "example", "read_settings"]

_TYPES: dict[type, str] = {str: "text in quotes", int: "a whole number", bool: "true or false", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of settings.toml. `accepts` judges a value of the right type; `expected` says what it wants."""

    name: str
    kind: type
    comment: str
    expected: str = ""
    accepts: Callable[[object], bool] | None = None
    example: str = ""


def _port(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 65536


def _http_port(value: object) -> bool:
    return value == 0 or _port(value)


def _word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9-]{0,30}", value) is not None


def _host(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value) is not None


def _absolute(value: object) -> bool:
    return isinstance(value, str) and value.startswith("/")


def _places(value: object) -> bool:
    places = value.split(",") if isinstance(value, str) else []
    return all(re.fullmatch(r"\s*[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:[0-9]{1,5}\s*", place) for place in places)


def _bao(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", value) is not None


_A_PORT = "a port number from 1 to 65535"
_A_PATH = "an absolute path"

SETTINGS: tuple[Setting, ...] = (
    Setting("id", str, "This installation's own name in signed checkpoints. Keep it."),
    Setting("name", str, "What the pages call this installation."),
    Setting(
        "environment",
        str,
        "What it is for; keys and databases carry this word.",
        "a short word of a-z, digits and dashes",
        _word,
    ),
    Setting("host", str, "The host name that people type.", "a host name", _host),
    Setting("bind", str, "The address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for all."),
    Setting("port", int, "The HTTPS port.", _A_PORT, _port),
    Setting(
        "http_port", int, "Plain HTTP is answered here with a redirect; 0 for none.", f"0 or {_A_PORT}", _http_port
    ),
    Setting(
        "tls_cert",
        str,
        "Your own certificate chain (PEM); without one it makes its own.",
        _A_PATH,
        _absolute,
        "/etc/ssl/my-host.pem",
    ),
    Setting(
        "tls_key",
        str,
        "The certificate's private key (PEM, no passphrase).",
        _A_PATH,
        _absolute,
        "/etc/ssl/private/my-host.key",
    ),
    Setting(
        "objects_folder",
        str,
        "Where stored files lie, encrypted; without it, in the folder objects of the home.",
        _A_PATH,
        _absolute,
        "/srv/safehold-objects",
    ),
    Setting(
        "egress_private",
        str,
        "Hosts inside your own network that may be sent to, each with its port, separated by commas.",
        "host:port, host:port",
        _places,
        "witness.internal:8443, collector.internal:6514",
    ),
    Setting(
        "egress_ca",
        str,
        "Further authorities (PEM) that certificates of destinations are believed from.",
        _A_PATH,
        _absolute,
        "/etc/ssl/our-ca.pem",
    ),
    Setting(
        "archive_folder",
        str,
        "Where the sealed archive of logs lies; without it, in the folder archive of the home.",
        _A_PATH,
        _absolute,
        "/srv/safehold-archive",
    ),
    Setting(
        "openbao_url",
        str,
        "The OpenBao server that keeps the tenants' keys, in place of the folder keys in the home.",
        "https://host:port",
        _bao,
        "https://bao.internal:8200",
    ),
    Setting("openbao_role_id", str, "The RoleID of this installation's AppRole there.", "", None, "4f0c…"),
    Setting(
        "openbao_ca",
        str,
        "The authorities (PEM) that its certificate has to lead to, in place of the machine's own.",
        _A_PATH,
        _absolute,
        "/etc/ssl/our-ca.pem",
    ),
    Setting("openbao_namespace", str, "The namespace there, if you use one.", "", None, "safehold"),
    Setting("openbao_transit", str, "Where the transit engine is mounted: transit unless set.", "", None, "transit"),
    Setting("openbao_kv", str, "Where the KV engine (version 2) is mounted: kv unless set.", "", None, "kv"),
    Setting(
        "log_seconds",
        int,
        "How long a line of a log may lie in clear before it is sealed away: 120 seconds unless set.",
        "seconds from 10 to 900",
        lambda value: isinstance(value, int) and 10 <= value <= 900,
        "120",
    ),
    Setting(
        "log_days",
        int,
        "How long sealed logs are kept: 89 days unless set; a day later at most they are gone.",
        "days from 1 to 89",
        lambda value: isinstance(value, int) and 1 <= value <= 89,
        "89",
    ),
    Setting(
        "postgres_bin",
        str,
        "The bin folder of another PostgreSQL (15 or newer) to run instead of the built-in one.",
        _A_PATH,
        _absolute,
        "/usr/lib/postgresql/15/bin",
    ),
    Setting(
        "database_admin_url",
        str,
        "An outside server instead: an administrator's address. Used only to set up roles.",
        example="postgresql://admin:secret@db.example.org/postgres?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem",
    ),
    Setting("pooled", bool, "Whether a transaction pooler (PgBouncer) stands between here and the database."),
    Setting("allow_old_server", bool, "Start although the database server is known to be out of date."),
    Setting("open_sign_up", bool, "Whether anybody may make an account; otherwise only who is invited."),
    Setting(
        "support_minutes",
        int,
        "The longest look into a workspace that staff may ask for: 4 hours unless set.",
        "minutes from 5 to 720",
        lambda value: isinstance(value, int) and 5 <= value <= 720,
        "240",
    ),
    Setting(
        "password_hash",
        str,
        "How passwords are hashed.",
        "argon2 or bcrypt",
        lambda value: value in {"argon2", "bcrypt"},
    ),
    Setting(
        "drop_privileges", bool, "Started by root, run everything as the service account where it can reach the code."
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def example(values: Mapping[str, object]) -> str:
    """The text of a new settings.toml: what is set stands as a line, everything else as a comment to fill in."""
    lines = ["# This installation's settings. Lines with # before the name show what else can be set.", ""]
    for setting in SETTINGS:
        lines.append(f"# {setting.comment}")
        given = setting.name in values
        unset = setting.kind(setting.example) if setting.example else "" if setting.kind is str else False
        value = values[setting.name] if given else unset
        lines += [f"{'' if given else '# '}{setting.name} = {_toml(value)}", ""]
    return "\n".join(lines)


def read_settings(path: Path) -> dict[str, object]:
    """The values of a settings.toml, each of a known name and the right type."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path} isn't UTF-8 text (byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} can't be read: {error}.", hint="Each line is: name = value") from None
    problems = tuple(problem for name, value in found.items() if (problem := _problem(name, value)) is not None)
    if problems:
        raise BadSettings(f"{path} can't be used as it is.", problems=problems)
    return found


def _problem(name: str, value: object) -> Problem | None:
    setting = _BY_NAME.get(name)
    if setting is None:
        return Problem(name, "one of " + ", ".join(sorted(_BY_NAME)), "a name that means nothing here")
    if type(value) is not setting.kind:
        return Problem(name, _TYPES[setting.kind], _TYPES.get(type(value), type(value).__name__))
    if setting.accepts is not None and not setting.accepts(value):
        return Problem(name, setting.expected, repr(value)[:60])
    return None


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
