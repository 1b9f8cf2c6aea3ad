"""Collections, records and versions as the API answers them. The promise checks look through the same answers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from safehold.workspace.records.selectors import Change, RecordView
from safehold.workspace.records.shape import FieldShape, Shape

__all__ = ["change_out", "collection_out", "record_out"]


def collection_out(shape: Shape, keys: Mapping[UUID, str]) -> dict[str, object]:
    """A collection with the fields that `shape` shows; `keys` names the collections that references point to."""
    plain = {name: getattr(shape, name) for name in ("key", "label", "singular", "archived")}
    return {**plain, "fields": [_field_out(each, keys) for each in shape.fields]}


def _field_out(each: FieldShape, keys: Mapping[UUID, str]) -> dict[str, object]:
    names = ("key", "label", "type", "field_class", "required", "unique", "indexed")
    target = keys.get(each.target_id) if each.target_id else None
    return {**{name: getattr(each, name) for name in names}, "choices": list(each.choices), "target": target}


def record_out(record: RecordView) -> dict[str, object]:
    """A record with the values that its reader may see."""
    names = ("id", "version", "department", "created_at", "updated_at", "deleted_at")
    plain = {name: getattr(record, name) for name in names}
    links = {key: link.id for key, link in record.links.items()}
    return {**plain, "collection": record.shape.key, "values": dict(record.values), "links": links}


def change_out(change: Change) -> dict[str, object]:
    """One version of a record."""
    names = ("version", "action", "at", "by", "hidden")
    plain = {name: getattr(change, name) for name in names}
    return {**plain, "changed": list(change.changed), "values": dict(change.values)}
