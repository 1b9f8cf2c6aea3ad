"""A list's address, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from safehold.kernel.errors import Invalid
from safehold.workspace.records.conf import PAGE, PAGE_LIMIT
from safehold.workspace.records.filters import Filter, Op, Query, parse, written

KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,10}", fullmatch=True).filter(
    lambda key: key not in {"q", "sort", "after", "limit", "format", "columns", "page", "deleted"}
)
VALUES = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)
FILTERS = st.builds(Filter, KEYS, st.sampled_from([op for op in Op if op is not Op.EMPTY]), VALUES)
QUERIES = st.builds(
    Query,
    filters=st.lists(FILTERS, max_size=5).map(tuple),
    q=st.one_of(st.just(""), VALUES),
    sort=st.one_of(st.just(""), KEYS, KEYS.map("-{}".format)),
    after=st.one_of(st.just(""), st.from_regex(r"[A-Za-z0-9_-]{4,20}", fullmatch=True)),
    limit=st.integers(1, PAGE_LIMIT),
)


@given(QUERIES)
def test_what_is_written_reads_back(query):
    assert parse(written(query)) == query


def test_an_address_as_people_see_it():
    asked = [("country", "Germany"), ("unitPrice__gte", "10"), ("q", "roast"), ("sort", "-orderDate"), ("after", "abc")]
    query = parse(asked)
    assert query.filters == (Filter("country", Op.IS, "Germany"), Filter("unitPrice", Op.FROM, "10"))
    assert (query.q, query.sort, query.after, query.limit) == ("roast", "-orderDate", "abc", PAGE)
    assert written(query) == asked


def test_blank_conditions_and_words_of_the_face_are_left_out():
    assert parse([("country", "  "), ("format", "csv"), ("page", "2"), ("columns", "a")]) == Query()


@pytest.mark.parametrize(
    ("pairs", "place", "expected"),
    [
        ([("price__over", "10")], "price__over", "price or one of price__not, price__gte"),
        ([("limit", "many")], "limit", "a number from 1 to 500"),
        ([("limit", "0")], "limit", "a number from 1 to 500"),
        ([("limit", "501")], "limit", "a number from 1 to 500"),
        ([("city__empty", "perhaps")], "city__empty", "yes or no"),
        ([("city", "x" * 1001)], "city", "at most 1000 characters"),
        ([("city", "x")] * 21, "filters", "at most 20 conditions"),
    ],
)
def test_what_cannot_be_read_is_named(pairs, place, expected):
    with pytest.raises(Invalid) as refused:
        parse(pairs)
    (problem,) = refused.value.problems
    assert problem.place == place
    assert expected in problem.expected


def test_lists_next_to_this_one():
    query = parse([("city", "Berlin"), ("q", "x"), ("sort", "name"), ("after", "abc")])
    assert query.is_narrowed
    assert query.without(query.filters[0]) == Query(q="x", sort="name")
    assert query.sorted_by("name").sort == "-name"
    assert query.sorted_by("city") == Query(filters=query.filters, q="x", sort="city")
