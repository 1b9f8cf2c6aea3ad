"""A workspace with everything that addresses can name, and people in every role, with and without all departments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from factories import make_member, make_tenant, system
from safehold.foundation.access.matrix import FIELD_READS, FieldClass, Permission, Role, can
from safehold.foundation.anchors import flows as anchors
from safehold.foundation.audit import selectors as audit
from safehold.foundation.identity import selectors as identity
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.streams import flows as streams
from safehold.foundation.tenancy import flows as tenancy, selectors
from safehold.foundation.tenancy.models import Tenant
from safehold.workspace.records import flows
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.shape import FieldSpec
from support.auditors import Auditor, let_in
from support.staffers import Staffer, require_approval
from support.visitors import Visitor, plain

__all__ = ["ABSENT", "INSIDE", "Outsider", "Person", "World", "undone"]

ABSENT = "01890000-0000-7000-8000-00000000dead"
KEY = "matters"
INSIDE = "localhost:9"
"""Where nobody listens; the setting egress_private has to allow it."""


@contextmanager
def undone() -> Iterator[None]:
    """Requests inside are answered as ever, and none of what they did stays."""
    with scoped(Scope(Kind.SIGN_IN, actor="system:test", address="192.0.2.17")):
        yield
        transaction.set_rollback(True)


@dataclass
class World:
    """A workspace with a collection that has a field of each class, filled with values that stand nowhere else."""

    name: str
    tenant: Tenant = field(init=False)
    ids: dict[str, UUID] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: new_id().hex[-8:])

    def __post_init__(self) -> None:
        self.tenant = make_tenant(f"World {self.name}", departments=("One", "Two", "Empty"))
        self._people()
        with scoped(system(self.tenant)) as scope:
            specs = (FieldSpec("title", required=True, indexed=True), *map(self._field, FieldClass))
            flows.create_collection(scope=scope, key=KEY, label="Matters", singular="Matter", fields=specs)
        for name, department in (("one", 1), ("two", 2), ("deleted", 1)):
            with scoped(system(self.tenant)) as scope:
                values = {"title": f"Title {name}", **{each.value: self.value(each, name) for each in FieldClass}}
                made = flows.create_record(scope=scope, collection=KEY, values=values, department=department)
                self.ids[name] = made.id
                changed = {each.value: self.value(each, name) + " again" for each in FieldClass}
                flows.edit_record(scope=scope, collection=KEY, record_id=made.id, version=1, values=changed)
        with scoped(system(self.tenant)) as scope:
            flows.delete_record(scope=scope, collection=KEY, record_id=self.ids["deleted"])
            kept = flows.keep_file(
                scope=scope,
                collection=KEY,
                data=b"title\nFrom a file\n",
                filename="matters.csv",
                options=ImportOptions(department=1),
            )
            self.ids["import"] = kept
            self.ids["event"] = audit.activity(scope=scope, limit=1).events[0].id
            self.ids["stream"] = streams.create_stream(scope=scope, name="Ours", url=f"tls://{INSIDE}")[0].id
            self.ids["place"] = anchors.add_place(scope=scope, where=f"held-{self.mark}@example.com").id
        require_approval(self.tenant)
        self.ids["grant"] = Staffer().ask(self.tenant).id

    def value(self, each: FieldClass, record: str = "") -> str:
        """What is planted in a field of this class; it begins alike in every record."""
        return f"zq{each.value[:4]}{self.mark} {record}".strip()

    def label(self, each: FieldClass) -> str:
        """What the field of this class is called."""
        return f"Label {each.value} {self.mark}"

    def _field(self, each: FieldClass) -> FieldSpec:
        return FieldSpec(each.value, label=self.label(each), field_class=each, indexed=True)

    def _people(self) -> None:
        self.ids["member"] = make_member(self.tenant, Role.VIEWER, name="Some Body", departments=(1,)).id
        with scoped(system(self.tenant)) as scope:
            email = f"invited-{self.mark}@example.com"
            self.ids["invited"] = tenancy.invite_member(scope=scope, email=email, role="viewer", departments=(1,)).id
            self.ids["left"] = make_member(self.tenant, Role.VIEWER, departments=(1,)).id
            tenancy.remove_member(scope=scope, member_id=self.ids["left"])
        self.ids["guest"] = let_in(self.tenant, f"guest-{self.mark}@example.com").id
        self.ids["former"] = let_in(self.tenant, f"former-{self.mark}@example.com").id
        with scoped(system(self.tenant)) as scope:
            tenancy.end_guest(scope=scope, guest_id=self.ids["former"])


class Person(Visitor):
    """Somebody in the world: with a browser, a token, and knowledge of what they may see."""

    def __init__(self, world: World, role: Role, departments: tuple[int, ...] = ()) -> None:
        super().__init__(world.tenant, role, departments)
        self.world, self.departments = world, departments
        self.key = self.token()
        with scoped(system(world.tenant)) as scope:
            self.token_id = identity.tokens(scope).filter(member_id=self.member_id).first().id

        self.import_id = self._keep_file() if can(role, Permission.RECORDS_IMPORT) else world.ids["import"]

    def inside(self) -> Scope:
        """Their scope in their workspace, as a request of theirs gets it."""
        return selectors.tenant_scope(account_id=self.account_id, slug=self.tenant.slug, address="192.0.2.17")

    def _keep_file(self) -> UUID:
        """A file of their own between its preview and its import: nobody else's can be opened."""
        with scoped(inside := self.inside()):
            options = ImportOptions(department=1)
            return flows.keep_file(scope=inside, collection=KEY, data=self.file(), filename="f.csv", options=options)

    def file(self) -> bytes:
        """A table with a column for every field that they see."""
        return f"title,{','.join(self.sees)}\nFrom a file{',' * len(self.sees)}\n".encode()

    @property
    def sees(self) -> list[str]:
        """The fields that this person may see, beside the title."""
        return [each.value for each in FieldClass if each in FIELD_READS[self.role]]

    @property
    def unseen(self) -> list[str]:
        """What may stand in nothing that this person is given."""
        hidden = [each for each in FieldClass if each not in FIELD_READS[self.role]]
        found = [self.world.value(each) for each in hidden] + [self.world.label(each) for each in hidden]
        if self.departments:
            found += [self.world.value(each, "two") for each in FieldClass]
        return found

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request, undone: with the token below /api/, with the browser elsewhere."""
        more: dict[str, Any] = {"secure": True}
        if path.startswith("/api/"):
            more["HTTP_AUTHORIZATION"] = f"Bearer {self.key}"
            more |= {"content_type": "text/csv" if isinstance(body, str) else "application/json"}
        with undone():
            send = getattr(self.client, method.lower())
            answer = send(path, **more) if body is None else send(path, body, **more)
            answer.said = plain(answer)
        return answer


class Outsider(Auditor, Person):
    """Somebody who was let in to read the world's log: a browser and no token."""

    def __init__(self, world: World) -> None:
        Auditor.__init__(self, world.tenant)
        self.world, self.key = world, ""
        self.import_id, self.token_id = world.ids["import"], world.ids["import"]

    @property
    def unseen(self) -> list[str]:
        """All that is planted in records, and what fields are called."""
        return [self.world.value(each) for each in FieldClass] + [self.world.label(each) for each in FieldClass]
