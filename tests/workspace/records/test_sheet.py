"""Files as they come: encodings, delimiters, torn rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from safehold.kernel.errors import Problem
from safehold.workspace.records import conf
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.importing.sheet import Mended, Problems, Sheet
from safehold.workspace.records.importing.text import find_delimiter, shown

NORTHWIND = Path(__file__).parent / "northwind"


def read(text: str | bytes, **options) -> tuple[Sheet, list[list[str]], Problems]:
    data = text.encode() if isinstance(text, str) else text
    sheet, problems = Sheet(data, **options), Problems()
    rows = [list(row) for chunk in sheet.chunks(2, problems) for row in chunk.rows]
    return sheet, rows, problems


def refusal(data: bytes, **options) -> ImportRefused:
    with pytest.raises(ImportRefused) as refused:
        Sheet(data, **options)
    return refused.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_usual_dialects(delimiter, mark, end):
    text = mark + delimiter.join(["a", '"b, c; d"']) + end + delimiter.join(["1", '"two\nlines"']) + end
    sheet, rows, problems = read(text)
    assert sheet.header == ("a", "b, c; d")
    assert rows == [["1", "two\nlines"]]
    assert problems.count == 0


def test_a_header_without_any_delimiter():
    assert find_delimiter("name\nx\n") == ","


def test_another_encoding_by_choice():
    sheet, rows, _ = read("Name\nMünster\n".encode("cp1252"), encoding="cp1252")
    assert (sheet.header, rows) == (("Name",), [["Münster"]])


def test_the_cell_that_is_not_utf8_is_named():
    error = refusal(b"id,city\n1,Berlin\n2,M\xfcnster\n")
    (problem,) = error.problems
    assert problem == Problem("row 3, column city", "text in UTF-8", "the byte 0xFC in “M�nster”")
    assert "cp1252" in error.hint


def test_utf16_is_named():
    assert "UTF-16" in str(refusal("a,b\n1,2\n".encode("utf-16")).problems[0])


def test_an_unknown_encoding_is_named():
    assert refusal(b"a\n1\n", encoding="klingon").problems[0].found == "klingon"


def test_a_file_that_is_too_large(monkeypatch):
    monkeypatch.setattr("safehold.workspace.records.importing.text.MAX_FILE", 10)
    assert "too large" in refusal(b"a,b\n" + b"1,2\n" * 10).message


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        (b"", "row 1", "the names of the columns"),
        (b"\n1,2\n", "row 1", "the names of the columns"),
        (b"a,,c\n", "row 1, column 2", "a name for the column"),
        (b"a,b,a\n", "row 1, column 3", "each name once"),
        (b'"a,b\n1,2\n', "row 1", "cells of a CSV"),
        (",".join(f"c{n}" for n in range(conf.MAX_FIELDS + 1)).encode(), "row 1", "at most 200 columns"),
    ],
)
def test_headers_that_are_none(text, place, expected):
    (problem,) = refusal(text).problems
    assert problem.place == place
    assert expected in problem.expected


def test_ragged_rows_are_named_with_their_cells():
    _, rows, problems = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n")
    assert rows == [["1", "2", "3"]]
    assert [str(problem) for problem in problems.listed] == [
        "row 3: expected 3 cells, as the header has, found 2 cells",
        "row 4: expected 3 cells, as the header has, found 4 cells, the last one “9”",
    ]


def test_blank_lines_are_no_rows_but_are_counted():
    _, rows, problems = read("a,b\n\n1,2\n\n3\n")
    assert rows == [["1", "2"]]
    assert problems.listed[0].place == "row 5"


def test_a_quote_that_is_never_closed():
    _, _, problems = read('a,b\n1,2\n3,"4\n5,6\n')
    assert problems.listed[0].place == "row 3"
    assert "each quote closed" in problems.listed[0].expected


def test_torn_cells_are_put_together_where_there_is_one_way():
    sheet, rows, problems = read("id,address,city\n1,Rua do Paço, 67,Rio\n2,Luisenstr. 48,Münster\n")
    assert rows[0] == ["1", "Rua do Paço, 67", "Rio"]
    assert sheet.mended == [Mended(2, "address", "Rua do Paço, 67")]
    assert problems.count == 0


@pytest.mark.parametrize(
    "text",
    [
        "id,address,city\n1,Rua do Paço, 67,Rio\n2, Luisenstr. 48,Münster\n",  # a sound row has such a cell too
        "id,address,city\n1,Rua do Paço,67,Rio\n",  # no space behind the comma
        "id,address,city\n1, Rua, do Paço, 67,Rio\n",  # more pieces than are too many
        "id,address,city\n 1,Rua do Paço,67,Rio\n",  # nothing before the piece
    ],
)
def test_torn_cells_are_a_problem_where_it_would_be_a_guess(text):
    sheet, _, problems = read(text)
    assert problems.count == 1
    assert sheet.mended == []


def test_nobody_has_to_have_them_put_together():
    _, _, problems = read("id,address,city\n1,Rua do Paço, 67,Rio\n", mend=False)
    assert problems.count == 1


@pytest.mark.parametrize(
    ("name", "count", "mended"),
    [
        ("customers", 91, 24),
        ("employees", 9, 0),
        ("orders", 830, 176),
        ("suppliers", 29, 9),
        ("order-details", 2155, 0),
    ],
)
def test_northwind_has_torn_cells_and_each_has_one_reading(name, count, mended):
    sheet, rows, problems = read((NORTHWIND / f"{name}.csv").read_bytes())
    assert (len(rows), len(sheet.mended), problems.count) == (count, mended, 0)
    assert sheet.count() == count


def test_problems_are_listed_up_to_a_limit_and_all_counted():
    problems = Problems()
    for row in range(250):
        problems.add(f"row {row}", "something else")
    assert (len(problems.listed), problems.count) == (100, 250)
    with pytest.raises(ImportRefused, match=r"250 problems; nothing of it was stored\. The first 100 are listed"):
        problems.refuse()


def test_messages_quote_cells_without_obeying_them():
    assert shown("\x1b[2J" + "x" * 50) == "“�[2J" + "x" * 36 + "…”"
