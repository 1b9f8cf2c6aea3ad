"""Lists: filtered, searched, sorted, a page at a time; and what those who may see less can't do with them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from safehold.kernel.errors import Invalid

ROWS = [
    # number, name, city, since, pay, address
    ("1", "Ada Holm", "Ghent", "2020-01-31", "5200", "Quay Street 7"),
    ("2", "Bram Ørsted", "Malmö", "2021-06-01", "4100.50", "Mill Row 12"),
    ("10", "cleo brandt", "Ghent", "", "", ""),
    ("-3", "Dario Novák", "", "2019-12-24", "", "Quay Street 9"),
]


@pytest.fixture
def four(people):
    for row in ROWS:
        people.add(dict(zip(("number", "name", "city", "since", "pay", "address"), row, strict=True)))
    return people


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"number": "1.0"}, "Ada"),
        ({"number__gte": "2"}, "Bram cleo"),
        ({"number__lt": "2"}, "Ada Dario"),
        ({"number__gt": "-3", "number__lte": "2"}, "Ada Bram"),
        ({"number__not": "1"}, "Bram cleo Dario"),
        ({"name": "CLEO  Brandt"}, "cleo"),
        ({"name__begins": "dari"}, "Dario"),
        ({"name": "dario novak"}, "Dario"),
        ({"since__gte": "2020-01-31"}, "Ada Bram"),
        ({"since__lt": "2020-01-31"}, "Dario"),
        ({"since__empty": "yes"}, "cleo"),
        ({"since__empty": "no"}, "Ada Bram Dario"),
        ({"city": "GHENT"}, "Ada cleo"),
        ({"city__not": "Ghent"}, "Bram Dario"),
        ({"city__begins": "mal"}, "Bram"),
        ({"city__empty": "yes"}, "Dario"),
        ({"city": "Ghent", "since__gte": "2000-01-01"}, "Ada"),
        ({"city": "Nowhere"}, ""),
        ({"boss__empty": "yes"}, "Ada Bram cleo Dario"),
        ({"boss": "1"}, ""),
        ({"boss__not": "1"}, "Ada Bram cleo Dario"),
        ({"address": "quay street 7"}, "Ada"),
        ({"sort": "number"}, "Dario Ada Bram cleo"),
        ({"sort": "-number"}, "cleo Bram Ada Dario"),
        ({"sort": "name"}, "Ada Bram cleo Dario"),
        ({"sort": "since"}, "Dario Ada Bram cleo"),
        ({"sort": "-since"}, "Bram Ada Dario cleo"),
        ({"sort": "city"}, "Ada cleo Bram Dario"),
        ({"sort": "-city"}, "Bram cleo Ada Dario"),
        ({"sort": "pay"}, "Bram Ada cleo Dario"),
        ({"q": "ghent", "sort": "-name"}, "cleo Ada"),
        ({"q": "gh"}, "Ada cleo"),
        ({"q": "orsted"}, "Bram"),
        ({"q": "Novák dario"}, "Dario"),
        ({"q": "quay"}, "Ada Dario"),
        ({"q": "qua"}, ""),
        ({"q": "quay 9"}, "Dario"),
        ({"q": "10"}, "cleo"),
        ({"q": "…"}, ""),
        ({"q": "ghent malmö"}, ""),
    ],
)
def test_lists_as_an_address_asks(four, asked, names):
    assert [name.split()[0] for name in four.names(**asked)] == names.split()


def test_every_list_can_be_paged_through(four):
    for sort in ("", "number", "-number", "name", "-since", "since", "city", "-city", "pay"):
        whole = four.names(sort=sort)
        assert pages(four, sort=sort) == whole, sort


def pages(people, **asked) -> list[str]:
    from safehold.workspace.records import filters, selectors

    names, after = [], ""
    while True:
        with people.acting() as scope:
            page = selectors.records(scope, "people", filters.parse({**asked, "limit": "1", "after": after}.items()))
        names += [record.values["name"] for record in page.records]
        if not page.next:
            return names
        after = page.next


@pytest.mark.parametrize(
    ("role", "asked", "place", "expected"),
    [
        ("owner", {"shoe": "42"}, "shoe", "one of the fields number, name"),
        ("owner", {"number": "many"}, "number", "a number such as"),
        ("owner", {"since__gte": "yesterday"}, "since__gte", "a date such as"),
        ("owner", {"city__gte": "B"}, "city__gte", "since City isn't kept sorted"),
        ("owner", {"boss__gte": "1"}, "boss__gte", "since it points to a record"),
        ("owner", {"address__begins": "Quay"}, "address__begins", "since Address is sealed"),
        ("owner", {"born": "1980-05-01"}, "born", "since Born is sealed"),
        ("owner", {"sort": "shoe"}, "sort", "one of number, name"),
        ("owner", {"sort": "boss"}, "sort", "one of number, name"),
        ("owner", {"after": "nonsense"}, "after", "the cursor that the page before gave"),
        ("owner", {"sort": "name", "after": "WyJhIl0"}, "after", "the cursor that the page before gave"),
        ("viewer", {"address": "Quay Street 7"}, "address", "one of the fields number, name, city, since, rank, boss"),
        ("viewer", {"address__empty": "no"}, "address__empty", "one of the fields number, name"),
        ("viewer", {"sort": "pay"}, "sort", "one of number, name, city, since, rank"),
    ],
)
def test_what_cannot_be_asked_is_named(four, role, asked, place, expected):
    with pytest.raises(Invalid) as refused:
        four.names(role, **asked)
    (problem,) = refused.value.problems
    assert problem.place == place
    assert expected in problem.expected


def test_long_lists_are_sorted_by_indexed_fields_only(four, monkeypatch):
    monkeypatch.setattr("safehold.workspace.records.selectors.lists.SORTED_HERE", 3)
    with pytest.raises(Invalid) as refused:
        four.names(sort="city")
    assert "an indexed field" in refused.value.problems[0].expected
    assert len(four.names(sort="name")) == 4


def test_the_cursor_of_a_sealed_sort_holds_no_value(four):
    import base64

    from safehold.workspace.records import filters, selectors

    with four.acting() as scope:
        page = selectors.records(scope, "people", filters.parse([("sort", "address"), ("limit", "1")]))
    assert b"mill" not in base64.urlsafe_b64decode(page.next + "==").lower()


def test_viewers_find_nothing_by_sealed_words_and_see_no_sealed_field(four):
    assert four.names("viewer", q="quay") == four.names("manager", q="quay") == []
    assert four.names("hr", q="quay") == ["Ada Holm", "Dario Novák"]
    record = four.read(four_id(four, "1"), "viewer")
    assert set(record.values) == {"number", "name", "city", "since"}
    assert [each.key for each in record.shape.fields] == ["number", "name", "city", "since", "rank", "boss"]


def four_id(people, number):
    from safehold.workspace.records import filters, selectors

    with people.acting() as scope:
        return selectors.records(scope, "people", filters.parse([("number", number)])).records[0].id


def test_history_hides_what_may_not_be_read(people, ada):
    people.edit(ada, city="Antwerp", illness="none", pay="6000")
    newest, first = people.history(ada.id, "viewer")
    assert newest.changed == ("city",)
    assert newest.hidden == 2
    assert set(newest.values) | set(first.values) | set(newest.before) == {"number", "name", "city", "since", "rank"}


def test_a_pasted_id_opens_its_record(people, ada, bram):
    assert people.names(q=str(ada.id)) == ["Ada Holm"]


def test_phone_numbers_are_found_however_they_are_spaced(people, ada):
    for q in ("12345678", "+45 12345678", "0045 12 34 56 78", "+45-12-34-56-78"):
        expected = [] if q == "12345678" else ["Ada Holm"]
        assert people.names(q=q) == expected, q
        assert people.names("viewer", q=q) == []
    assert people.names(phone="4512345678") == ["Ada Holm"]


def test_counts_stop_at_a_limit(four):
    from safehold.workspace.records import selectors
    from safehold.workspace.records.filters import parse

    with four.acting() as scope:
        assert selectors.count(scope, "people") == selectors.Count(4)
        assert selectors.count(scope, "people", up_to=3) == selectors.Count(3, exact=False)
        assert selectors.count(scope, "people", parse([("q", "ghent")])) == selectors.Count(2)
        assert list(selectors.counts(scope).values()) == [4]


def test_suggestions_for_a_reference(four):
    from safehold.workspace.records import selectors

    with four.acting() as scope:
        assert [link.title for link in selectors.suggestions(scope, "people", "ada")] == ["Ada Holm"]
        assert [link.code for link in selectors.suggestions(scope, "people", "")] == ["-3", "1", "2", "10"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_any_text_can_be_searched_filtered_and_found_again(people, text):
    from safehold.workspace.records.words import split

    number = str(len(people.names()) + 1)
    people.add({"number": number, "name": text.strip() or "x", "address": text})
    for word in split(text):
        assert number in numbers(people, q=word)
    assert number in numbers(people, name=text.strip() or "x")


def numbers(people, **asked) -> list[str]:
    from safehold.workspace.records import filters, selectors

    with people.acting() as scope:
        page = selectors.records(scope, "people", filters.parse([*asked.items(), ("limit", "500")]))
        return [record.values["number"] for record in page.records]
