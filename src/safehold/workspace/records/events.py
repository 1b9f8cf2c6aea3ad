"""What this room writes to a tenant's log: who did what to which record, with names of fields and never a value."""

from __future__ import annotations

from safehold.kernel.event import EventType

__all__ = [
    "COLLECTION_CHANGED",
    "COLLECTION_CREATED",
    "EXPORTED",
    "FIELD_ADDED",
    "FIELD_CHANGED",
    "IMPORTED_ROWS",
    "IMPORT_FAILED",
    "IMPORT_FINISHED",
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
    ("collection", "count", "fields", "digest"),
)
IMPORT_FAILED = EventType(
    "import.failed", "An import into {collection} was refused with {problems} problems", ("collection", "problems")
)
EXPORTED = EventType(
    "records.exported",
    "Exported {count} records of {collection} with {fields}; filters: {filters}",
    ("collection", "count", "fields", "filters"),
    security=True,
)
