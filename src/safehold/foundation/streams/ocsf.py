"""An event of the log as a record of OCSF, for monitoring that knows no Safehold.

What the schema has a place for stands there; all plain fields, and what places the event in the log, stand under
`unmapped` as they are, so that a record can be held against the log. Personal values (the address, e-mail addresses,
names) are in it only where the stream was set up to carry them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping as Values
from functools import cache
from importlib.metadata import version
from typing import Any
from uuid import UUID

from safehold.foundation.audit.selectors import Activity, render
from safehold.foundation.audit.statements import installation
from safehold.foundation.streams.ocsf_table import CLASSES, MAPPING, UNKNOWN, VERSION, Mapping
from safehold.kernel.auditevent import FROM, origin_of

__all__ = ["line", "mapping_of", "record"]

_WITHHELD = "(withheld)"
_ERASED = "(erased on request)"


def mapping_of(event_type: str) -> Mapping:
    """What a type of event is; a base event where this release doesn't know it."""
    return MAPPING.get(event_type, UNKNOWN)


def line(event: Activity, *, log: UUID, personal: bool) -> bytes:
    """The record as one line of JSON, without the line's end."""
    return json.dumps(record(event, log=log, personal=personal), ensure_ascii=False, separators=(",", ":")).encode()


def record(event: Activity, *, log: UUID, personal: bool) -> dict[str, Any]:
    """The record of an event of this log."""
    found = mapping_of(event.type)
    known = {key: _shown(value, personal=personal) for key, value in event.personal.items()}
    address = event.address if personal else ""
    return {
        **_classification(found),
        "time": int(event.at.timestamp() * 1000),
        "message": render(event.type, event.on, event.fields, known),
        "metadata": _metadata(event, log),
        "actor": _actor(event.actor),
        **({"src_endpoint": {"ip": address}} if address else _no_address(found)),
        **_OBJECTS.get(found.class_uid, _nothing)(event, known if personal else {}),
        "unmapped": {
            "fields": dict(event.fields),
            "personal": {key: value for key, value in known.items() if key != FROM},
            "on": event.on,
            "actor": event.actor,
            "digest": event.digest.hex(),
            "chain": event.chain.hex(),
        },
    }


def _shown(value: str | None, *, personal: bool) -> str:
    if value is None:
        return _ERASED
    return value if personal else _WITHHELD


def _classification(found: Mapping) -> dict[str, Any]:
    kind = CLASSES[found.class_uid]
    return {
        "category_uid": kind.category[0],
        "category_name": kind.category[1],
        "class_uid": found.class_uid,
        "class_name": kind.name,
        "activity_id": found.activity_id,
        "activity_name": kind.activities[found.activity_id],
        "type_uid": found.class_uid * 100 + found.activity_id,
        "type_name": f"{kind.name}: {kind.activities[found.activity_id]}",
        "severity_id": int(found.severity),
        "severity": found.severity.name.capitalize(),
        "status_id": 2 if found.failed else 1,
        "status": "Failure" if found.failed else "Success",
    }


def _metadata(event: Activity, log: UUID) -> dict[str, Any]:
    return {
        "version": VERSION,
        "product": {"name": "Safehold", "vendor_name": "Safehold", "version": _release()},
        "uid": str(event.id),
        "event_code": event.type,
        "log_name": origin_of(installation().id, log),
        "tenant_uid": str(log),
        **({} if event.index is None else {"sequence": event.index}),
    }


@cache
def _release() -> str:
    return version("safehold")


def _actor(name: str) -> dict[str, Any]:
    kind, _, uid = name.partition(":")
    if kind == "system":
        return {"app_name": f"Safehold ({uid})" if uid else "Safehold"}
    return {"user": _person(name, uid or kind, kind)}


def _person(name: str, uid: str, kind: str) -> dict[str, Any]:
    """A user by the name that the log has for them; who that is, the workspace knows."""
    account = {"name": name, "uid": uid, "type": "Other", "type_id": 99}
    return {"name": name, "uid": uid, "type": kind.capitalize(), "type_id": 99, "account": account}


def _no_address(found: Mapping) -> dict[str, Any]:
    return {"src_endpoint": {"name": "unknown"}} if found.class_uid == 6003 else {}


Known = Values[str, str]


def _nothing(_: Activity, __: Known) -> dict[str, Any]:
    return {}


def _user(event: Activity, known: Known) -> dict[str, Any]:
    name = event.on or event.actor
    kind, _, uid = name.partition(":")
    user = _person(name, str(event.fields.get("account") or uid or kind), kind)
    return {"user": user | ({"email_addr": known["email"]} if "email" in known else {})}


def _access(event: Activity, known: Known) -> dict[str, Any]:
    names = ("role", "kind", "duty", "case")
    return _user(event, known) | {"privileges": [str(event.fields[name]) for name in names if name in event.fields]}


def _entity(event: Activity, _: Known) -> dict[str, Any]:
    return {"entity": _thing(event)}


def _resource(event: Activity, _: Known) -> dict[str, Any]:
    return {"web_resources": [_thing(event)]}


def _thing(event: Activity) -> dict[str, Any]:
    kind, _, uid = event.on.partition(":")
    return {"name": event.on or event.type.partition(".")[0], "type": kind or event.type.partition(".")[0]} | (
        {"uid": uid} if uid else {}
    )


def _call(event: Activity, _: Known) -> dict[str, Any]:
    return {"api": {"operation": str(event.fields.get("route") or event.type)}}


_OBJECTS: dict[int, Callable[[Activity, Known], dict[str, Any]]] = {
    3001: _user,
    3002: _user,
    3004: _entity,
    3005: _access,
    6001: _resource,
    6003: _call,
}
"""What each class says about what was acted on."""
