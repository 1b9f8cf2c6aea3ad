"""Cells that no spreadsheet runs, and that come back as they went. Each case of the specification is tried."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from safehold.workspace.records.cells import NOTHING, harmless, original

VECTORS = Path(__file__).parents[3] / "specs" / "vectors" / "records-csv.json"
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)))
RISKY = st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "''=", "NULL", " =", "\\N"]), TEXTS
)


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["cells"], ids=lambda case: repr(case["text"]))
def test_the_cases_of_the_specification(case):
    assert harmless(case["text"]) == case["cell"]
    assert original(case["cell"]) == case["text"]


@given(st.one_of(TEXTS, RISKY))
def test_every_text_comes_back(text):
    assert original(harmless(text)) == text


@given(st.one_of(TEXTS, RISKY))
def test_no_cell_is_run_or_taken_for_nothing(text):
    cell = harmless(text)
    assert not text.strip() or cell.strip().lower() not in NOTHING
    if cell and cell[0] in "=@\t\r+-":
        assert cell[1:].replace(".", "").replace(",", "").isdecimal()


@given(st.lists(st.lists(st.one_of(TEXTS, RISKY), min_size=2, max_size=4), min_size=1, max_size=5))
def test_a_file_of_them_comes_back_too(rows):
    width = max(map(len, rows))
    rows = [[text.replace("\0", "") for text in row] + [""] * (width - len(row)) for row in rows]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    read = csv.reader(io.StringIO(text.getvalue(), newline=""), strict=True)
    assert [[original(cell) for cell in row] for row in read] == rows
