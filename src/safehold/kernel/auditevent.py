"""The bytes of an audit event, and commitments to personal values (specs/audit-log.md, sections 2 to 4 and 8)."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from safehold.kernel import canonical
from safehold.kernel.canonical import MAX_INT, Scalar
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.ids import PLATFORM

__all__ = [
    "FROM",
    "LOGS",
    "MAX_EVENT",
    "ORIGIN",
    "PURGED",
    "SEALED",
    "Event",
    "Purge",
    "commitment",
    "decode",
    "installation_name",
    "new_salt",
    "origin_of",
    "purge_of",
    "sealed_event",
    "verify_opening",
]

MAX_EVENT: Final = 65_535
FROM: Final = "from"
"""The personal value that holds the network address from which something was done."""
LOGS: Final = UUID(int=1)
"""Stands for the log of logs where a log is named by a UUID, as `ids.PLATFORM` stands for the platform's own."""
SEALED: Final = "log.sealed"
PURGED: Final = "log.purged"

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTALLATION = r"[a-z0-9][a-z0-9-]{0,62}"
ORIGIN: Final = re.compile(rf"(safehold/{_INSTALLATION})/(?:platform|logs|tenant/{_UUID})")
_ID = re.compile(_UUID)
_TYPE = re.compile(r"[a-z][a-z-]*\.[a-z][a-z-]*")
_NAME = re.compile(canonical.KEY)
_WHO = re.compile(r"[!#-\[\]-~]{0,200}")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")
_MEMBERS = {"actor", "at", "fields", "id", "log", "on", "personal", "type", "v"}
_DOMAIN = b"safehold/audit/personal/v1\x00"


def installation_name(installation: str) -> str:
    """The name under which an installation publishes its key."""
    if not re.fullmatch(_INSTALLATION, installation):
        raise Invalid(f"{installation!r} can't name an installation: a-z, 0-9 and -, 63 at most.")
    return f"safehold/{installation}"


def origin_of(installation: str, log: UUID) -> str:
    """The origin of a log: a tenant's id, `PLATFORM` or `LOGS`."""
    names = {PLATFORM: "platform", LOGS: "logs"}
    return f"{installation_name(installation)}/{names.get(log) or f'tenant/{log}'}"


def new_salt() -> bytes:
    """The salt of one personal value; keep it sealed beside the value."""
    return secrets.token_bytes(16)


def commitment(event_id: UUID, name: str, value: str, salt: bytes) -> bytes:
    """What the hashed bytes say about a personal value: nothing, to anyone without the salt."""
    if len(salt) != 16:
        raise Invalid("A salt has 16 bytes.")
    try:
        message = _DOMAIN + f"{event_id}\x00{name}\x00{value}".encode()
    except UnicodeEncodeError:
        raise Invalid(f"The personal value {name} can't be written in UTF-8.") from None
    return hmac.digest(salt, message, "sha256")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it is hashed. `personal` holds commitments, by the names of the values."""

    id: UUID
    log: str
    at: int
    type: str
    actor: str
    on: str = ""
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    personal: Mapping[str, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The exact bytes that are stored and hashed; `Invalid` names what can't be in them."""
        value: dict[str, canonical.Value] = {
            "actor": self.actor,
            "at": self.at,
            "fields": dict(self.fields),
            "id": str(self.id),
            "log": self.log,
            "on": self.on,
            "personal": {name: found.hex() for name, found in self.personal.items()},
            "type": self.type,
            "v": 1,
        }
        _check(value)
        data = canonical.encode(value)
        if len(data) > MAX_EVENT:
            raise Invalid(f"An event has at most {MAX_EVENT} bytes; log a digest of what is bigger.")
        return data


def decode(data: bytes) -> Event:
    """The event in these bytes; `Tampered` if they are not exactly what `Event.encode` writes."""
    if len(data) > MAX_EVENT:
        raise Tampered(f"Expected an event of at most {MAX_EVENT} bytes.")
    value = canonical.decode(data)
    if not isinstance(value, dict):
        raise Tampered("Expected an event: an object.")
    try:
        _check(value)
    except Invalid as fault:
        raise Tampered(fault.message) from None
    personal = {name: bytes.fromhex(found) for name, found in value["personal"].items()}
    return Event(
        id=UUID(value["id"]),
        log=value["log"],
        at=value["at"],
        type=value["type"],
        actor=value["actor"],
        on=value["on"],
        fields=value["fields"],
        personal=personal,
    )


def _check(value: Mapping[str, object]) -> None:
    """Raise `Invalid` unless this is the object of an event."""
    if set(value) != _MEMBERS or value["v"] != 1 or isinstance(value["v"], bool):
        raise Invalid(f"Expected an event with the members {', '.join(sorted(_MEMBERS))}, and v 1.")
    for name, pattern in (("log", ORIGIN), ("id", _ID), ("type", _TYPE), ("actor", _WHO), ("on", _WHO)):
        text = value[name]
        if not isinstance(text, str) or not pattern.fullmatch(text):
            raise Invalid(f"Expected the member {name} of an event as the format has it, found {str(text)[:80]!r}.")
    if not value["actor"]:
        raise Invalid("Expected an event to say who acted.")
    at = value["at"]
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at <= MAX_INT:
        raise Invalid("Expected the moment of an event in microseconds since 1970.")
    _check_maps(value["fields"], value["personal"])


def _check_maps(fields: object, personal: object) -> None:
    if not isinstance(fields, dict) or not isinstance(personal, dict):
        raise Invalid("Expected the fields and the personal values of an event as objects.")
    for name, plain in fields.items():
        if plain is not None and not isinstance(plain, str | int | bool):
            raise Invalid(f"Expected the field {name} to be a string, a whole number, a boolean or null.")
    for name, found in personal.items():
        if not _NAME.fullmatch(name) or not isinstance(found, str) or not _COMMITMENT.fullmatch(found):
            raise Invalid(f"Expected a commitment of 32 bytes for the personal value {name}.")


def sealed_event(*, id: UUID, at: int, of: str, size: int, root: bytes, chain: bytes) -> Event:  # noqa: A002
    """What the log of logs says about one log: its head at this size."""
    found = ORIGIN.fullmatch(of)
    if not found:
        raise Invalid(f"{of!r} is not the origin of a log.")
    fields: dict[str, Scalar] = {"chain": chain.hex(), "root": root.hex(), "size": size}
    return Event(id=id, log=f"{found[1]}/logs", at=at, type=SEALED, actor="system:sealer", on=of, fields=fields)


@dataclass(frozen=True, slots=True)
class Purge:
    """What a log says of its purge: events below `minimum` may be gone; root and chain are those of its head there."""

    minimum: int
    root: bytes
    chain: bytes
    before: int
    rule: str


_PURGE = {"before": int, "chain": str, "minimum": int, "root": str, "rule": str}


def purge_of(event: Event) -> Purge | None:
    """What this event says of a purge of its own log; None if it is about something else, `Tampered` if it is none."""
    if event.type != PURGED or event.on != event.log:
        return None
    said: Mapping[str, Any] = event.fields
    if {name: type(value) for name, value in said.items()} != _PURGE or said["minimum"] < 1 or said["before"] < 0:
        raise Tampered("Expected a purge record with the fields before, chain, minimum, root and rule.")
    for name in ("chain", "root"):
        if not _COMMITMENT.fullmatch(said[name]):
            raise Tampered(f"Expected 32 bytes in hex as the {name} of a purge record.")
    root, head = bytes.fromhex(said["root"]), bytes.fromhex(said["chain"])
    return Purge(said["minimum"], root, head, said["before"], said["rule"])


def verify_opening(event: Event, name: str, value: str, salt: bytes) -> None:
    """Raise `Tampered` unless the event committed to this value under this name."""
    expected = event.personal.get(name)
    if expected is None:
        raise Tampered(f"Expected a personal value {name} in event {event.id}, found none.")
    if len(salt) != 16 or not hmac.compare_digest(commitment(event.id, name, value, salt), expected):
        raise Tampered(f"The value of {name} is not the one that event {event.id} committed to.")
