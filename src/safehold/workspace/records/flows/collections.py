"""Writes of collections and their fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from safehold.foundation.access.matrix import FIELD_READS, FieldClass, Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, Invalid, NotFound, Problem
from safehold.workspace.records import events, selectors
from safehold.workspace.records.conf import MAX_CHOICES, MAX_FIELDS, SLOTS
from safehold.workspace.records.errors import CollectionExists
from safehold.workspace.records.flows.rebuilding import rebuild
from safehold.workspace.records.models import Collection, Field, Record
from safehold.workspace.records.selectors.collections import field_shape
from safehold.workspace.records.shape import FieldShape, FieldSpec, Shape, is_collection_key, is_field_key, label_of
from safehold.workspace.records.values import CONTROL, FieldType

__all__ = ["add_field", "change_collection", "change_field", "create_collection"]

_LONGEST_LABEL = 100


@transaction.atomic
def create_collection(
    *, scope: Scope, key: str, label: str = "", singular: str = "", fields: Sequence[FieldSpec] = ()
) -> Shape:
    """Make a collection with its fields. A field may refer to the collection itself by its key."""
    scope.require(Permission.COLLECTIONS_MANAGE)
    problems = [] if is_collection_key(key) else [Problem("key", "lower case letters, digits and hyphens", key[:60])]
    problems += [problem for spec in fields for problem in _spec_problems(spec)]
    problems += _set_problems(fields)
    _refuse(problems)
    if Collection.objects.filter(tenant_id=scope.tenant, key=key).exists():
        raise CollectionExists(f"There is a collection called {key} already.")
    label = label or label_of(key)
    last = Collection.objects.filter(tenant_id=scope.tenant).count()
    row = Collection(
        tenant_id=scope.tenant,
        id=new_id(),
        key=key,
        label=label[:_LONGEST_LABEL],
        singular=(singular or label.removesuffix("s") or label)[:_LONGEST_LABEL],
        position=last,
        created_at=now(),
    )
    row.save(force_insert=True)
    for position, (spec, slot) in enumerate(zip(fields, _slots(fields), strict=True)):
        _add(scope, row.id, spec, position, slot)
    names = ", ".join(spec.key for spec in fields)
    audit.record(
        scope, events.COLLECTION_CREATED, on=f"collection:{row.id}", fields={"collection": key, "fields": names}
    )
    return selectors.collection(scope, key)


@transaction.atomic
def change_collection(
    *,
    scope: Scope,
    collection: str,
    label: str | None = None,
    singular: str | None = None,
    archived: bool | None = None,
) -> Shape:
    """Change what a collection is called, or put it away: an archived one keeps its records and leaves the lists."""
    scope.require(Permission.COLLECTIONS_MANAGE)
    shape = selectors.whole_collection(scope, collection)
    wanted = {"label": label, "singular": singular, "archived": archived}
    changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(shape, name)}
    problems = [Problem(name, "a name", "nothing") for name, value in changes.items() if value == ""]
    _refuse(problems)
    if changes:
        Collection.objects.filter(tenant_id=scope.tenant, id=shape.id).update(**changes)
        fields = {"collection": collection, "changed": ", ".join(sorted(changes))}
        audit.record(scope, events.COLLECTION_CHANGED, on=f"collection:{shape.id}", fields=fields)
    return selectors.collection(scope, collection)


@transaction.atomic
def add_field(*, scope: Scope, collection: str, field: FieldSpec) -> Shape:
    """Add a field to a collection. It is empty in every record there is; so it can't be required until it is filled."""
    scope.require(Permission.COLLECTIONS_MANAGE)
    shape = selectors.whole_collection(scope, collection)
    problems = _spec_problems(field) + _set_problems([*_specs(shape), field])
    records = Record.objects.filter(tenant_id=scope.tenant, collection_id=shape.id)
    if field.required and records.exists():
        problems.append(Problem(f"{field.key} required", "no, until every record has a value"))
    _refuse(problems)
    position = max((each.position for each in shape.fields), default=-1) + 1
    added = _add(scope, shape.id, field, position, _free_slot(shape) if _wants_slot(field) else None)
    if added.slot is not None:
        _require_every_department(scope)
        records.update(**{f"s{added.slot}": ""})
    fields = {"collection": collection, "field": field.key, "type": field.type.value, "class": field.field_class.value}
    audit.record(scope, events.FIELD_ADDED, on=f"collection:{shape.id}", fields=fields)
    return selectors.collection(scope, collection)


@transaction.atomic
def change_field(*, scope: Scope, collection: str, field: FieldSpec) -> Shape:
    """Change a field, named by `field.key`, to what `field` says. What is sealed otherwise than before is sealed anew.

    Records of every department are rewritten, so only somebody who reaches them all may do this. Raises `Invalid` with
    the records whose values don't fit the new type, aren't unique, or are missing where they are required.
    """
    scope.require(Permission.COLLECTIONS_MANAGE)
    shape = selectors.whole_collection(scope, collection)
    old = shape.find(field.key)
    if old is None:
        raise NotFound("There is no such field.")
    _require_sight(scope, old)
    others = [spec for spec in _specs(shape) if spec.key != field.key]
    problems = _spec_problems(field) + _set_problems([*others, field])
    if FieldType.REFERENCE in (old.type, field.type) and (old.type, _target(scope, field)) != (
        field.type,
        old.target_id,
    ):
        problems.append(Problem(field.key, "a new field: references can't be turned into anything else, or back"))
    _refuse(problems)
    new = _changed(shape, old, field)
    changed = [name for name in _CHANGEABLE if getattr(old, name) != getattr(new, name)]
    records = 0
    if changed:
        Field.objects.filter(tenant_id=scope.tenant, id=old.id).update(**_columns(new))
    if set(changed) - {"label"}:
        _require_every_department(scope)
        after = replace(shape, fields=tuple(new if each.id == old.id else each for each in shape.fields))
        records = rebuild(scope, shape, after)
    if changed:
        fields = {"collection": collection, "field": field.key, "changed": ", ".join(changed), "records": records}
        fields |= {"class": new.field_class.value, "was": old.field_class.value}
        audit.record(scope, events.FIELD_CHANGED, on=f"collection:{shape.id}", fields=fields)
    return selectors.collection(scope, collection)


def _require_sight(scope: Scope, field: FieldShape) -> None:
    """Who doesn't see a field's values doesn't change it: lowering its class would open them."""
    if field.field_class not in scope.readable:
        roles = ", ".join(role.value for role, seen in FIELD_READS.items() if field.field_class in seen)
        message = f"This field is {field.field_class.value}, which your role doesn't see, so it can't change it."
        raise Denied(message, hint=f"These roles may: {roles}, where they may design collections.")


_CHANGEABLE = ("label", "type", "field_class", "required", "unique", "indexed", "choices", "slot")


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid("This collection can't be made as asked.", problems=tuple(problems))


def _spec_problems(spec: FieldSpec) -> list[Problem]:
    """What is wrong with one field by itself."""
    problems = []
    if not is_field_key(spec.key):
        expected = "letters, digits and single hyphens, and no word that lists use, such as sort"
        problems.append(Problem("key", expected, spec.key[:60]))
    if len(spec.label) > _LONGEST_LABEL or CONTROL.search(spec.label):
        problems.append(Problem(f"{spec.key} label", f"at most {_LONGEST_LABEL} plain characters"))
    if (spec.type is FieldType.REFERENCE) != bool(spec.target):
        problems.append(Problem(f"{spec.key} target", "a collection for a reference, and none for other types"))
    if spec.type is FieldType.REFERENCE and (spec.field_class is not FieldClass.OPEN or spec.unique):
        expected = "an open field without “unique”: a link that the database checks can't be sealed"
        problems.append(Problem(f"{spec.key} class", expected, spec.field_class.value))
    choices = [choice.strip().casefold() for choice in spec.choices]
    if (spec.type is FieldType.CHOICE) != bool(choices) or len(choices) > MAX_CHOICES or "" in choices:
        problems.append(Problem(f"{spec.key} choices", f"1 to {MAX_CHOICES} choices for a choice, and none for others"))
    if len(set(choices)) < len(choices):
        problems.append(Problem(f"{spec.key} choices", "each choice once"))
    return problems


def _set_problems(specs: Sequence[FieldSpec]) -> list[Problem]:
    """What is wrong with fields together."""
    problems = []
    keys = [spec.key.casefold() for spec in specs]
    if len(set(keys)) < len(keys):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        problems.append(Problem("fields", "each key once, upper and lower case taken as one", ", ".join(twice)))
    if len(specs) > MAX_FIELDS:
        problems.append(Problem("fields", f"at most {MAX_FIELDS} fields", str(len(specs))))
    if (many := sum(map(_wants_slot, specs))) > SLOTS:
        problems.append(Problem("fields", f"at most {SLOTS} indexed open fields: those are kept sorted", str(many)))
    return problems


def _wants_slot(spec: FieldSpec | FieldShape) -> bool:
    return spec.indexed and spec.field_class is FieldClass.OPEN and spec.type is not FieldType.REFERENCE


def _slots(specs: Iterable[FieldSpec]) -> list[int | None]:
    numbers = iter(range(1, SLOTS + 1))
    return [next(numbers) if _wants_slot(spec) else None for spec in specs]


def _free_slot(shape: Shape) -> int:
    taken = {each.slot for each in shape.fields}
    return next(number for number in range(1, SLOTS + 1) if number not in taken)


def _target(scope: Scope, spec: FieldSpec) -> UUID | None:
    if not spec.target:
        return None
    found = Collection.objects.filter(tenant_id=scope.tenant, key=spec.target).values_list("id", flat=True).first()
    if found is None:
        raise Invalid(problems=(Problem(f"{spec.key} target", "the key of a collection", spec.target[:60]),))
    return found


def _add(scope: Scope, collection_id: UUID, spec: FieldSpec, position: int, slot: int | None) -> FieldShape:
    row = Field(
        tenant_id=scope.tenant,
        id=new_id(),
        collection_id=collection_id,
        key=spec.key,
        label=spec.label or label_of(spec.key),
        type=spec.type.value,
        field_class=spec.field_class.value,
        required=spec.required,
        unique=spec.unique,
        indexed=spec.indexed,
        choices=[choice.strip() for choice in spec.choices],
        target_id=_target(scope, spec),
        slot=slot,
        position=position,
    )
    row.save(force_insert=True)
    return field_shape(row)


def _specs(shape: Shape) -> list[FieldSpec]:
    return [
        FieldSpec(key=each.key, type=each.type, field_class=each.field_class, indexed=each.indexed)
        for each in shape.fields
    ]


def _changed(shape: Shape, old: FieldShape, spec: FieldSpec) -> FieldShape:
    slot = (old.slot or _free_slot(shape)) if _wants_slot(spec) else None
    return replace(
        old,
        label=spec.label or old.label,
        type=spec.type,
        field_class=spec.field_class,
        required=spec.required,
        unique=spec.unique,
        indexed=spec.indexed,
        choices=tuple(choice.strip() for choice in spec.choices),
        slot=slot,
    )


def _columns(each: FieldShape) -> dict[str, object]:
    plain = {name: getattr(each, name) for name in ("label", "required", "unique", "indexed", "slot")}
    sorted_out = {"type": each.type.value, "field_class": each.field_class.value, "choices": list(each.choices)}
    return plain | sorted_out


def _require_every_department(scope: Scope) -> None:
    everything = tenancy.system_scope(scope.tenant, "records").departments
    if set(everything) - set(scope.departments):
        raise Denied("This rewrites records of every department, and you don't reach them all.")
