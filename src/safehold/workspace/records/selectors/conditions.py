"""From the conditions in a list's address to conditions on rows.

A field that the scope may not read doesn't exist here: asking by it is the same error as asking by any made-up name.
Sealed fields can be asked for a whole value, through their tokens; anything else only a reader of the opened value
could answer. All comparisons that an index has to serve are leakproof ones, so that they are evaluated below the
policies' barrier.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import BooleanField, DecimalField, Q, lookups
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records.filters import Filter, Op, Query
from safehold.workspace.records.models import Reference
from safehold.workspace.records.selectors.lookups import find_targets
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.slots import folded, prefix_end, slot
from safehold.workspace.records.statements import statement
from safehold.workspace.records.values import FieldType, Unfit, reader
from safehold.workspace.records.words import query_words, sealed_words

__all__ = ["conditions", "sort_field"]

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


def conditions(scope: Scope, shape: Shape, query: Query) -> list[Q | Combinable]:
    """The conditions on rows that a query stands for; `shape` shows what the scope may read.

    Whatever is found by words, searched or in sealed fields, is asked for together: PostgreSQL before 17 would try each
    record that one condition finds against each that another does.
    """
    found: list[Q | Combinable] = []
    words: list[list[str]] = []
    for asked in query.filters:
        each = shape.find(asked.key)
        if each is None:
            raise _refuse(asked.name, f"one of the fields {_names(shape)}", asked.key[:40])
        if each.is_open:
            found.append(_condition(scope, each, asked))
        else:
            words += [[token] for token in _tokens(shape, each, asked)] or [[]]
    if looks_like_id := _as_id(query.q):
        found.append(Q(id=looks_like_id))
    elif query.q:
        words += [[word, *tokens] for word, tokens in query_words(shape, query.q)] or [[]]
    if words:
        found.append(_holding(shape, words) if all(words) else Q(id__in=[]))
    return found


def _condition(scope: Scope, each: FieldShape, asked: Filter) -> Q:
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


def _tokens(shape: Shape, each: FieldShape, asked: Filter) -> list[str]:
    """The tokens by which all records with a sealed value are found; none for a value without any word in it."""
    if asked.op is not Op.IS or not each.indexed:
        offer = f"{each.key} with a whole value" if each.indexed else "a field that is indexed"
        raise _refuse(asked.name, f"{offer}, since {each.label} is sealed")
    return sealed_words(shape, each, _value(each, asked))


def _holding(shape: Shape, words: list[list[str]]) -> Combinable:
    """The condition that a record holds each of these, by any of its ways to be found.

    A way is the beginning of a word of an open field, or a sealed field's token, which is the beginning of no other.
    """
    ways = [(place, way) for place, each in enumerate(words) for way in each]
    places, lows = [place for place, _ in ways], [way for _, way in ways]
    parameters = (places, lows, [prefix_end(low) for low in lows], shape.tenant_id, shape.id, len(words))
    return RawSQL(statement("holding").decode(), parameters, output_field=BooleanField())  # noqa: S611 - a file's text


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
