"""From the conditions in a list's address to conditions on rows.

A field that the scope may not read doesn't exist here: asking by it is the same error as asking by any made-up name.
Sealed fields can be asked for a whole value, through their tokens; anything else only a reader of the opened value
could answer. All comparisons that an index has to serve are leakproof ones, so that they are evaluated below the
policies' barrier.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from operator import and_
from uuid import UUID

from django.db.models import DecimalField, F, Func, Q, UUIDField, lookups
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records.filters import Filter, Op
from safehold.workspace.records.models import Reference, Word
from safehold.workspace.records.selectors.lookups import find_targets
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.slots import folded, prefix_end, slot
from safehold.workspace.records.values import FieldType, Unfit, reader
from safehold.workspace.records.words import query_words, sealed_words

__all__ = ["condition", "holding", "searched", "sort_field"]

_RANGES = {Op.FROM: "gte", Op.TO: "lte", Op.OVER: "gt", Op.UNDER: "lt"}
_RANGE_LOOKUPS = {
    Op.FROM: lookups.GreaterThanOrEqual,
    Op.TO: lookups.LessThanOrEqual,
    Op.OVER: lookups.GreaterThan,
    Op.UNDER: lookups.LessThan,
}
_READ = frozenset({FieldType.NUMBER, FieldType.DATE})


def _refuse(place: str, expected: str, found: str = "") -> Invalid:
    return Invalid("This list can't be shown as asked.", problems=(Problem(place, expected, found),))


def _names(shape: Shape) -> str:
    return ", ".join(each.key for each in shape.fields) or "no field"


def condition(scope: Scope, shape: Shape, asked: Filter) -> Q:
    """The condition on rows that a filter stands for; `shape` shows what the scope may read."""
    each = shape.find(asked.key)
    if each is None:
        raise _refuse(asked.name, f"one of the fields {_names(shape)}", asked.key[:40])
    if not each.is_open:
        return _sealed(shape, each, asked)
    if each.type is FieldType.REFERENCE:
        return _reference(scope, each, asked)
    return _in_slot(each, asked) if each.slot is not None else _in_json(each, asked)


def _value(each: FieldShape, asked: Filter) -> str:
    """The asked value in its stored form, where the type has one."""
    if each.type not in _READ:
        return asked.value
    try:
        return reader(each.type)(asked.value)
    except Unfit as unfit:
        raise _refuse(asked.name, unfit.expected, asked.value[:40]) from None


def _in_slot(each: FieldShape, asked: Filter) -> Q:
    column = f"s{each.slot}"
    if asked.op is Op.EMPTY:
        return Q(**{column: ""}) if asked.value == "yes" else Q(**{f"{column}__gt": ""})
    if asked.op is Op.BEGINS:
        prefix = folded(asked.value) if each.type not in _READ else asked.value
        return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix_end(prefix)})
    wanted = slot(each.type, _value(each, asked))
    if asked.op is Op.IS:
        return Q(**{column: wanted})
    if asked.op is Op.NOT:
        return ~Q(**{column: wanted})
    return Q(**{f"{column}__gt": ""}) & Q(**{f"{column}__{_RANGES[asked.op]}": wanted})


def _in_json(each: FieldShape, asked: Filter) -> Q:
    """Without a slot: the database looks into each record of the collection."""
    is_empty = ~Q(open__has_key=each.key)
    if asked.op is Op.EMPTY:
        return is_empty if asked.value == "yes" else ~is_empty
    text, value = KeyTextTransform(each.key, "open"), _value(each, asked)
    exact = {Op.IS, Op.NOT}
    if each.type is FieldType.NUMBER and asked.op is not Op.BEGINS:
        number = Cast(text, DecimalField(max_digits=60, decimal_places=30))
        found = Q((lookups.Exact if asked.op in exact else _RANGE_LOOKUPS[asked.op])(number, Decimal(value)))
    elif asked.op in exact or asked.op is Op.BEGINS:
        found = Q((lookups.IExact if asked.op in exact else lookups.IStartsWith)(text, value))
    elif each.type is FieldType.DATE:
        found = Q(_RANGE_LOOKUPS[asked.op](text, value))
    else:
        known = ", ".join([each.key, *(f"{each.key}__{op.value}" for op in (Op.NOT, Op.BEGINS, Op.EMPTY))])
        raise _refuse(asked.name, f"one of {known}, since {each.label} isn't kept sorted")
    return ~found | is_empty if asked.op is Op.NOT else found


def _reference(scope: Scope, each: FieldShape, asked: Filter) -> Q:
    links = Reference.objects.filter(tenant_id=scope.tenant, field_id=each.id)
    if asked.op is Op.EMPTY:
        pointing = Q(id__in=links.values("record_id"))
        return pointing if asked.value == "no" else ~pointing
    if asked.op not in (Op.IS, Op.NOT):
        raise _refuse(asked.name, f"{each.key}, {each.key}__not or {each.key}__empty, since it points to a record")
    target = find_targets(scope, each, [asked.value]).get(asked.value)
    pointing = Q(id__in=links.filter(target_id=target).values("record_id")) if target else Q(id__in=[])
    return ~pointing if asked.op is Op.NOT else pointing


def _sealed(shape: Shape, each: FieldShape, asked: Filter) -> Q:
    if asked.op is not Op.IS or not each.indexed:
        offer = f"{each.key} with a whole value" if each.indexed else "a field that is indexed"
        raise _refuse(asked.name, f"{offer}, since {each.label} is sealed")
    words = sealed_words(shape, each, _value(each, asked))
    return reduce(and_, (holding(shape, Q(word=word)) for word in words)) if words else Q(id__in=[])


def holding(shape: Shape, words: Q) -> Q:
    """The condition that a record is in the index rows of some words."""
    rows = Word.objects.filter(words, tenant_id=shape.tenant_id, collection_id=shape.id)
    holder = Func(F("records"), function="unnest", output_field=UUIDField())
    holder.set_returning = True
    return Q(id__in=rows.annotate(holder=holder).values("holder"))


def searched(shape: Shape, q: str) -> list[Q]:
    """The conditions for a search: each word begins a word of an open field, or is a word of a sealed one it may read.

    A text without any word in it finds nothing.
    """
    if looks_like_id := _as_id(q):
        return [Q(id=looks_like_id)]
    words = query_words(shape, q)
    if not words:
        return [Q(id__in=[])]
    return [holding(shape, Q(word__gte=word, word__lt=prefix_end(word)) | Q(word__in=tokens)) for word, tokens in words]


def _as_id(q: str) -> UUID | None:
    try:
        return UUID(q) if len(q) == 36 else None
    except ValueError:
        return None


def sort_field(shape: Shape, key: str) -> FieldShape:
    """The field to sort by."""
    each = shape.find(key)
    if each is None or each.type is FieldType.REFERENCE:
        sortable = ", ".join(each.key for each in shape.fields if each.type is not FieldType.REFERENCE)
        raise _refuse("sort", f"one of {sortable or 'no field'}", key[:40])
    return each
