"""What this room writes to a tenant's log: who did what to which record, with names of fields and never a value."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = [
    "COLLECTION_CHANGED",
    "COLLECTION_CREATED",
    "EXPORTED",
    "FIELD_ADDED",
    "FIELD_CHANGED",
    "IMPORTED_ROWS",
    "IMPORT_FAILED",
    "IMPORT_FINISHED",
    "KINDS",
    "RECORD_CREATED",
    "RECORD_DELETED",
    "RECORD_EDITED",
    "RECORD_MOVED",
    "RECORD_RESTORED",
]

COLLECTION_CREATED = EventType(
    "collection.created", "Created the collection {collection} with the fields {fields}", ("collection", "fields")
)
COLLECTION_CHANGED = EventType(
    "collection.changed", "Changed {changed} of the collection {collection}", ("collection", "changed")
)
FIELD_ADDED = EventType(
    "collection.field-added",
    "Added the field {field} ({type}, {class}) to {collection}",
    ("collection", "field", "type", "class"),
)
FIELD_CHANGED = EventType(
    "collection.field-changed",
    "Changed {changed} of the field {field} in {collection}, once {was}, now {class}; rewrote {records} records",
    ("collection", "field", "changed", "class", "was", "records"),
)
RECORD_CREATED = EventType(
    "record.created", "Created a record in {collection} with {fields}", ("collection", "fields", "department")
)
RECORD_EDITED = EventType(
    "record.edited", "Changed {fields} in {collection}, now version {version}", ("collection", "fields", "version")
)
RECORD_MOVED = EventType(
    "record.moved", "Moved a record in {collection} to department {department}", ("collection", "department", "version")
)
RECORD_DELETED = EventType("record.deleted", "Deleted a record in {collection}", ("collection", "version"))
RECORD_RESTORED = EventType("record.restored", "Restored a record in {collection}", ("collection", "version"))
IMPORTED_ROWS = EventType(
    "import.rows",
    "Created {count} records in {collection} from a file",
    ("collection", "count", "first", "last", "digest"),
)
IMPORT_FINISHED = EventType(
    "import.finished",
    "Imported {count} records into {collection} from a file",
    ("collection", "count", "fields", "digest", "file"),
)
ROW_IMPORTED = EventType("record.imported", "Created a record in {collection} from a file", ("collection", "file"))
ENTRIES_CHOSEN = EventType(
    "import.entries-chosen", "Chose whether each imported row gets an entry of its own: {each_row}", ("each_row",)
)
IMPORT_FAILED = EventType(
    "import.failed", "An import into {collection} was refused with {problems} problems", ("collection", "problems")
)
EXPORTED = EventType(
    "records.exported",
    "Exported {count} records of {collection} with {fields}; {filters}",
    ("collection", "count", "fields", "filters"),
    security=True,
)

KINDS: dict[str, FieldKind] = {
    "each_row": Kind.FLAG,
    "file": Kind.DIGEST,
    "collection": Kind.KEY,
    "fields": Kind.KEY,
    "changed": Kind.WORDS,
    "field": Kind.KEY,
    "type": Kind.CODE,
    "class": Kind.CODE,
    "was": Kind.CODE,
    "records": Kind.COUNT,
    "department": Kind.COUNT,
    "version": Kind.COUNT,
    "count": Kind.COUNT,
    "first": Kind.ID,
    "last": Kind.ID,
    "digest": Kind.DIGEST,
    "problems": Kind.COUNT,
    "filters": Kind.WORDS,
}
"""What each plain field holds."""
