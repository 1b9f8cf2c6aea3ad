"""Every type of event has its place in OCSF, and records are what OCSF's own models take."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from py_ocsf_models.events.base_event import BaseEvent
from py_ocsf_models.objects.api import API
from py_ocsf_models.objects.user import User

from safehold.foundation.audit.registry import event_types
from safehold.foundation.audit.selectors import Activity
from safehold.foundation.scope.clock import new_id
from safehold.foundation.streams import ocsf
from safehold.foundation.streams.ocsf_table import CLASSES, MAPPING
from safehold.kernel.auditevent import FROM

pytestmark = pytest.mark.usefixtures("installation")
REQUIRED = {
    0: set(),
    3001: {"user"},
    3002: {"user"},
    3004: {"entity"},
    3005: {"user", "privileges"},
    6001: {"web_resources"},
    6003: {"actor", "api", "src_endpoint"},
    6008: set(),
}
"""What each class asks for beside what all events have (schema.ocsf.io/1.5.0)."""


def made(kind: str, *, erased: bool = False) -> Activity:
    declared = event_types().get(kind)
    fields = {name: f"value of {name}" for name in declared.fields} if declared else {"left": 3}
    personal = {name: None if erased else f"{name}@example.com" for name in declared.personal} if declared else {}
    return Activity(
        id=new_id(),
        at=datetime(2026, 11, 26, 20, 0, 0, 123456, tzinfo=UTC),
        type=kind,
        actor="member:01890000-0000-7000-8000-000000000001",
        on="record:01890000-0000-7000-8000-000000000002",
        fields=fields,
        personal={**personal, FROM: None if erased else "192.0.2.7"},
        body=b"{}",
        sound=True,
        index=41,
        digest=b"\x01" * 32,
        chain=b"\x02" * 32,
    )


def test_every_registered_type_is_mapped_and_nothing_else_is():
    assert set(MAPPING) == set(event_types())


def test_every_mapping_names_a_class_and_one_of_its_activities():
    for kind, found in MAPPING.items():
        assert found.activity_id in CLASSES[found.class_uid].activities, kind


@pytest.mark.parametrize("kind", [*sorted(MAPPING), "newer.than-this"])
def test_a_record_is_what_the_schema_asks_for(kind):
    log = new_id()
    found = ocsf.record(made(kind), log=log, personal=True)
    assert BaseEvent.model_validate(found).metadata.product.vendor_name == "Safehold"
    assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]
    assert found["category_uid"] == (found["class_uid"] // 1000)
    assert set(found) >= REQUIRED[found["class_uid"]]
    assert found["metadata"]["uid"]
    assert (found["metadata"]["sequence"], found["metadata"]["event_code"]) == (41, kind)
    assert found["metadata"]["log_name"].endswith(f"/tenant/{log}")
    assert found["time"] == 1795723200123
    for holder in (found, found["actor"]):
        if "user" in holder:
            User.model_validate(holder["user"])
    if "api" in found:
        API.model_validate(found["api"])
    json.loads(ocsf.line(made(kind), log=log, personal=True))


def test_what_the_schema_has_no_place_for_stands_unmapped():
    event = made("record.edited")
    assert ocsf.record(event, log=new_id(), personal=False)["unmapped"] == {
        "fields": dict(event.fields),
        "personal": {},
        "on": event.on,
        "actor": event.actor,
        "digest": "01" * 32,
        "chain": "02" * 32,
    }


@pytest.mark.parametrize("kind", sorted(MAPPING))
def test_personal_values_go_along_only_where_that_was_asked_for(kind):
    without = ocsf.line(made(kind), log=new_id(), personal=False).decode()
    assert "@example.com" not in without
    assert "192.0.2.7" not in without
    erased = ocsf.line(made(kind, erased=True), log=new_id(), personal=True).decode()
    assert "192.0.2.7" not in erased
    if event_types()[kind].personal:
        assert "(withheld)" in without
        assert "(erased on request)" in erased
    assert '"ip":"192.0.2.7"' in ocsf.line(made(kind), log=new_id(), personal=True).decode()
