"""A tenant with a small collection of people, which most tests of records begin with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from factories import make_tenant, scope_of, system
from safehold.foundation.access.matrix import FieldClass
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.shape import FieldSpec
from safehold.workspace.records.values import FieldType

NORTHWIND = Path(__file__).parent / "northwind"

PEOPLE = (
    FieldSpec("number", FieldType.NUMBER, required=True, unique=True, indexed=True),
    FieldSpec("name", required=True, indexed=True),
    FieldSpec("city"),
    FieldSpec("since", FieldType.DATE, indexed=True),
    FieldSpec("rank", FieldType.CHOICE, choices=("junior", "senior")),
    FieldSpec("pay", FieldType.NUMBER, field_class=FieldClass.CONFIDENTIAL),
    FieldSpec("email", FieldType.EMAIL, field_class=FieldClass.PERSONAL, unique=True, indexed=True),
    FieldSpec("phone", FieldType.PHONE, field_class=FieldClass.PERSONAL, indexed=True),
    FieldSpec("address", field_class=FieldClass.PERSONAL, indexed=True),
    FieldSpec("born", FieldType.DATE, field_class=FieldClass.PERSONAL),
    FieldSpec("illness", field_class=FieldClass.SENSITIVE, indexed=True),
    FieldSpec("boss", FieldType.REFERENCE, target="people"),
)
ADA = {
    "number": "1",
    "name": "Ada Holm",
    "city": "Ghent",
    "since": "2020-01-31",
    "rank": "senior",
    "pay": "5200.00",
    "email": "ada.holm@shop.example",
    "phone": "+45 12 34 56 78",
    "address": "Quay Street 7, Ghent",
    "born": "1980-05-01",
    "illness": "hay fever",
}
BRAM = {"number": "2", "name": "Bram Ørsted", "city": "Malmö", "since": "2021-06-01", "boss": "1"}


@dataclass
class People:
    """A tenant with the collection `people`, and short ways to work with it as somebody."""

    tenant: Any
    owner: Scope
    ids: dict[str, UUID] = field(default_factory=dict)

    @contextmanager
    def acting(self, role: str = "owner", departments: tuple[int, ...] | None = None) -> Iterator[Scope]:
        from safehold.foundation.scope.transaction import scoped

        with scoped(scope_of(self.tenant, role, departments)) as scope:
            yield scope

    def add(self, values: dict[str, str | None], role: str = "owner", department: int = 0) -> Any:
        from safehold.workspace.records import flows

        with self.acting(role) as scope:
            return flows.create_record(scope=scope, collection="people", values=values, department=department)

    def edit(self, record: Any, role: str = "owner", **values: str | None) -> Any:
        from safehold.workspace.records import flows

        with self.acting(role) as scope:
            return flows.edit_record(
                scope=scope, collection="people", record_id=record.id, version=record.version, values=values
            )

    def names(self, role: str = "owner", departments: tuple[int, ...] | None = None, /, **asked: str) -> list[str]:
        """The names in a list, asked for as an address asks."""
        from safehold.workspace.records import filters, selectors

        with self.acting(role, departments) as scope:
            page = selectors.records(scope, "people", filters.parse(asked.items()))
            return [record.values["name"] for record in page.records]

    def read(self, record_id: UUID, role: str = "owner", departments: tuple[int, ...] | None = None) -> Any:
        from safehold.workspace.records import selectors

        with self.acting(role, departments) as scope:
            return selectors.record(scope, "people", record_id)

    def history(self, record_id: UUID, role: str = "owner") -> Any:
        from safehold.workspace.records import selectors

        with self.acting(role) as scope:
            return selectors.history(scope, "people", record_id)

    def events(self, type_: str = "", on: str = "") -> list[dict[str, Any]]:
        """The tenant's events, the oldest first, as they were hashed."""
        from safehold.foundation.audit.models import Event

        with self.acting():
            rows = Event.objects.filter(tenant_id=self.tenant.id).order_by("id")
            found = [json.loads(bytes(row.body)) for row in rows]
        return [event for event in found if type_ in ("", event["type"]) and on in ("", event.get("on"))]

    def load(self, data: str | bytes, role: str = "owner", **options: Any) -> Any:
        from safehold.workspace.records import flows
        from safehold.workspace.records.importing.options import ImportOptions

        with self.acting(role) as scope:
            return flows.import_rows(
                scope=scope,
                collection="people",
                data=data.encode() if isinstance(data, str) else data,
                options=ImportOptions(**options),
            )


@pytest.fixture
def make_people(installation) -> Callable[[], People]:
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows

    def make() -> People:
        tenant = make_tenant(departments=["Sales", "Workshop"])
        owner = system(tenant)
        with scoped(owner):
            flows.create_collection(scope=owner, key="people", singular="Person", fields=PEOPLE)
        return People(tenant, owner)

    return make


@pytest.fixture
def people(make_people) -> People:
    return make_people()


@pytest.fixture
def ada(people) -> Any:
    return people.add(ADA)


@pytest.fixture
def bram(people, ada) -> Any:
    return people.add(BRAM)
