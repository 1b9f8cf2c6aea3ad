"""The API's face of collections and records."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field as SchemaField, Router, Schema, Status

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import FieldClass, Permission
from safehold.foundation.scope.request import request_scope
from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records import filters, flows, selectors
from safehold.workspace.records.answers import change_out, collection_out, record_out
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.shape import FieldSpec
from safehold.workspace.records.values import FieldType

__all__ = ["router"]

router = Router(tags=["Records"])

_COLLECTIONS = "Collections"


class FieldOut(Schema):
    """A field that the token's holder may see."""

    key: str
    label: str
    type: FieldType
    field_class: FieldClass = SchemaField(serialization_alias="class")
    required: bool
    unique: bool
    indexed: bool
    choices: list[str]
    target: str | None = None


class CollectionOut(Schema):
    """A collection with its fields."""

    key: str
    label: str
    singular: str
    archived: bool
    fields: list[FieldOut]


class FieldIn(Schema):
    """A field to make, or what one should become. `target` is a collection's key, for references."""

    key: str
    type: FieldType = FieldType.TEXT
    label: str = ""
    field_class: FieldClass = SchemaField(FieldClass.OPEN, alias="class")
    required: bool = False
    unique: bool = False
    indexed: bool = False
    choices: list[str] = []
    target: str = ""

    def spec(self) -> FieldSpec:
        """As the flows take it."""
        return FieldSpec(**{**self.dict(), "choices": tuple(self.choices)})


class CollectionIn(Schema):
    """A collection to make."""

    key: str
    label: str = ""
    singular: str = ""
    fields: list[FieldIn]


class CollectionChange(Schema):
    """What to change of a collection; what is left out stays."""

    label: str | None = None
    singular: str | None = None
    archived: bool | None = None


class RecordOut(Schema):
    """A record. Values are texts: numbers as decimals, dates as 1948-12-08. What is empty or not yours is absent."""

    id: UUID
    collection: str
    version: int
    department: int
    values: dict[str, str]
    links: dict[str, UUID]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class RecordPage(Schema):
    """A page of records; `next` is the `after` of the following page, empty on the last."""

    items: list[RecordOut]
    next: str


class RecordIn(Schema):
    """Values by field; a reference by the code of its target."""

    values: dict[str, str | None]
    department: int = 0


class RecordChange(Schema):
    """Values to change, null to empty one; `version` is the one that was read: 409 if it is another by now."""

    version: int
    values: dict[str, str | None] = {}
    department: int | None = None


class ChangeOut(Schema):
    """One version of a record; `hidden` counts changed fields that aren't yours to see."""

    version: int
    action: str
    at: datetime
    by: str
    changed: list[str]
    hidden: int
    values: dict[str, str]


class ImportOut(Schema):
    """What came of an import."""

    id: UUID
    count: int
    digest: str
    file: str


class ImportEntries(Schema):
    """Whether each imported row gets an entry of its own in the activity log."""

    each_row: bool


def _keys(request: HttpRequest) -> dict[UUID, str]:
    return {shape.id: shape.key for shape in selectors.whole_collections(request_scope(request))}


def _query(request: HttpRequest, *, deleted: bool = False) -> filters.Query:
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    return filters.parse(pairs, deleted=deleted)


@router.get("collections", response=list[CollectionOut], by_alias=True, tags=[_COLLECTIONS])
@operation(Permission.RECORDS_READ)
def list_collections(request: HttpRequest, archived: bool = False) -> list[dict[str, object]]:  # noqa: FBT001, FBT002
    """The workspace's collections with the fields that you may see."""
    keys = _keys(request)
    found = selectors.collections(request_scope(request), archived=archived)
    return [collection_out(shape, keys) for shape in found]


@router.post("collections", response={201: CollectionOut}, by_alias=True, tags=[_COLLECTIONS])
@operation(Permission.COLLECTIONS_MANAGE)
def create_collection(request: HttpRequest, body: CollectionIn) -> Status[dict[str, object]]:
    """Make a collection."""
    fields = [each.spec() for each in body.fields]
    made = flows.create_collection(
        scope=request_scope(request), key=body.key, label=body.label, singular=body.singular, fields=fields
    )
    return Status(201, collection_out(made, _keys(request)))


@router.get("collections/{slug:collection}", response=CollectionOut, by_alias=True, tags=[_COLLECTIONS])
@operation(Permission.RECORDS_READ)
def read_collection(request: HttpRequest, collection: str) -> dict[str, object]:
    """One collection with the fields that you may see."""
    return collection_out(selectors.collection(request_scope(request), collection), _keys(request))


@router.patch("collections/{slug:collection}", response=CollectionOut, by_alias=True, tags=[_COLLECTIONS])
@operation(Permission.COLLECTIONS_MANAGE)
def change_collection(request: HttpRequest, collection: str, body: CollectionChange) -> dict[str, object]:
    """Change what a collection is called, or put it away."""
    changed = flows.change_collection(scope=request_scope(request), collection=collection, **body.dict())
    return collection_out(changed, _keys(request))


@router.post("collections/{slug:collection}/fields", response={201: CollectionOut}, by_alias=True, tags=[_COLLECTIONS])
@operation(Permission.COLLECTIONS_MANAGE)
def add_field(request: HttpRequest, collection: str, body: FieldIn) -> Status[dict[str, object]]:
    """Add a field to a collection."""
    changed = flows.add_field(scope=request_scope(request), collection=collection, field=body.spec())
    return Status(201, collection_out(changed, _keys(request)))


@router.put(
    "collections/{slug:collection}/fields/{slug:field}", response=CollectionOut, by_alias=True, tags=[_COLLECTIONS]
)
@operation(Permission.COLLECTIONS_MANAGE)
def change_field(request: HttpRequest, collection: str, field: str, body: FieldIn) -> dict[str, object]:
    """Change a field. What is sealed otherwise than before is sealed anew."""
    if body.key != field:
        problem = Problem("key", f"{field}, as the address says: a key stays what it is", body.key[:60])
        raise Invalid("A field's key can't be changed.", problems=(problem,))
    changed = flows.change_field(scope=request_scope(request), collection=collection, field=body.spec())
    return collection_out(changed, _keys(request))


@router.get("collections/{slug:collection}/records", response=RecordPage)
@operation(Permission.RECORDS_READ)
def list_records(request: HttpRequest, collection: str, deleted: bool = False) -> dict[str, object]:  # noqa: FBT001, FBT002
    """A page of records: `?country=Germany&unitPrice__gte=10&q=words&sort=-orderDate&limit=50&after=…`.

    Any field may be a filter; behind two underscores stand `not`, `gte`, `lte`, `gt`, `lt`, `begins` or `empty`.
    """
    found = selectors.records(request_scope(request), collection, _query(request, deleted=deleted))
    return {"items": [record_out(record) for record in found.records], "next": found.next}


@router.get("collections/{slug:collection}/records.csv", response={200: None}, include_in_schema=True)
@operation(Permission.RECORDS_EXPORT)
def export_records(request: HttpRequest, collection: str) -> HttpResponse:
    """All that a list shows, as CSV."""
    text = flows.export_list(scope=request_scope(request), collection=collection, query=_query(request))
    headers = {"Content-Disposition": f'attachment; filename="{collection}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@router.post("collections/{slug:collection}/records.csv", response={201: ImportOut})
@operation(Permission.RECORDS_IMPORT)
def import_records(request: HttpRequest, collection: str, department: int = 0) -> Status[dict[str, object]]:
    """Import the CSV in the request's body: all of its rows or none. 422 lists what is wrong, by row and column."""
    imported = flows.import_rows(
        scope=request_scope(request),
        collection=collection,
        data=request.body,
        options=ImportOptions(department=department),
    )
    told = {"id": imported.id, "count": imported.count, "digest": imported.digest, "file": imported.file}
    return Status(201, told)


@router.get("imports/entries", response=ImportEntries)
@operation(Permission.SETTINGS_READ)
def read_import_entries(request: HttpRequest) -> ImportEntries:
    """Whether each imported row gets an entry of its own."""
    return ImportEntries(each_row=selectors.entry_a_row(request_scope(request)))


@router.put("imports/entries", response=ImportEntries)
@operation(Permission.SETTINGS_MANAGE)
def choose_import_entries(request: HttpRequest, body: ImportEntries) -> ImportEntries:
    """Choose it; that holds from the next import on."""
    flows.choose_entries(scope=request_scope(request), each_row=body.each_row)
    return body


@router.post("collections/{slug:collection}/records", response={201: RecordOut})
@operation(Permission.RECORDS_CREATE)
def create_record(request: HttpRequest, collection: str, body: RecordIn) -> Status[dict[str, object]]:
    """Create a record."""
    made = flows.create_record(
        scope=request_scope(request), collection=collection, values=body.values, department=body.department
    )
    return Status(201, record_out(made))


@router.get("collections/{slug:collection}/records/{uuid:record_id}", response=RecordOut)
@operation(Permission.RECORDS_READ)
def read_record(request: HttpRequest, collection: str, record_id: UUID) -> dict[str, object]:
    """One record."""
    return record_out(selectors.record(request_scope(request), collection, record_id))


@router.patch("collections/{slug:collection}/records/{uuid:record_id}", response=RecordOut)
@operation(Permission.RECORDS_EDIT)
def edit_record(request: HttpRequest, collection: str, record_id: UUID, body: RecordChange) -> dict[str, object]:
    """Change values of a record, or give it to another department."""
    scope = request_scope(request)
    record = flows.edit_record(
        scope=scope, collection=collection, record_id=record_id, version=body.version, values=body.values
    )
    if body.department is not None:
        record = flows.move_record(
            scope=scope,
            collection=collection,
            record_id=record_id,
            version=record.version,
            department=body.department,
        )
    return record_out(record)


@router.delete("collections/{slug:collection}/records/{uuid:record_id}", response={204: None})
@operation(Permission.RECORDS_DELETE)
def delete_record(request: HttpRequest, collection: str, record_id: UUID, version: int | None = None) -> Status[None]:
    """Put a record into the trash."""
    flows.delete_record(scope=request_scope(request), collection=collection, record_id=record_id, version=version)
    return Status(204, None)


@router.post("collections/{slug:collection}/records/{uuid:record_id}/restore", response=RecordOut)
@operation(Permission.RECORDS_DELETE)
def restore_record(request: HttpRequest, collection: str, record_id: UUID) -> dict[str, object]:
    """Take a record out of the trash."""
    restored = flows.restore_record(scope=request_scope(request), collection=collection, record_id=record_id)
    return record_out(restored)


@router.get("collections/{slug:collection}/records/{uuid:record_id}/history", response=list[ChangeOut])
@operation(Permission.RECORDS_READ)
def read_history(request: HttpRequest, collection: str, record_id: UUID) -> list[dict[str, object]]:
    """Every version of a record, the newest first, as far as you may see it."""
    return [change_out(each) for each in selectors.history(request_scope(request), collection, record_id)]
