"""What a file's columns might be."""

from __future__ import annotations

from pathlib import Path

import pytest

from safehold.foundation.access.matrix import FieldClass
from safehold.workspace.records.importing.guess import columns_of, field_key, guess_fields
from safehold.workspace.records.importing.sheet import Problems, Sheet
from safehold.workspace.records.shape import FieldSpec, is_field_key, label_of
from safehold.workspace.records.values import FieldType

NORTHWIND = Path(__file__).parent / "northwind"


def guessed(data: bytes, targets: dict[str, str] | None = None) -> dict[str, FieldSpec]:
    sheet = Sheet(data)
    columns = columns_of(sheet, (chunk.rows for chunk in sheet.chunks(100, Problems())))
    return {spec.key: spec for spec in guess_fields(columns, targets or {})}


def test_northwinds_employees():
    fields = guessed((NORTHWIND / "employees.csv").read_bytes())
    classes = {key for key, spec in fields.items() if spec.field_class is FieldClass.PERSONAL}
    assert classes == {"birthDate", "address", "homePhone"}
    assert fields["employeeID"] == FieldSpec(
        "employeeID", FieldType.NUMBER, "Employee ID", required=True, unique=True, indexed=True
    )
    types = {key: fields[key].type.value for key in ("lastName", "birthDate", "homePhone", "postalCode", "extension")}
    expected = {"lastName": "text", "birthDate": "date", "homePhone": "phone", "postalCode": "text"}
    assert types == expected | {"extension": "text"}


def test_a_column_that_is_known_to_point_somewhere():
    fields = guessed((NORTHWIND / "orders.csv").read_bytes(), {"customerID": "customers"})
    assert fields["customerID"] == FieldSpec("customerID", FieldType.REFERENCE, "Customer ID", target="customers")
    assert fields["freight"].type is FieldType.NUMBER
    assert fields["shippedDate"].type is FieldType.DATE


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["01581", "01730"], "text"),  # leading zeros are no number
        (["1", "2.50", "NULL"], "number"),
        (["1", "two"], "text"),
        (["ada@example.org", ""], "email"),
        (["", "NULL"], "text"),
        (["2024-01-01", "2024-02-30"], "text"),
        (["'=x", "y"], "text"),
    ],
)
def test_types_come_from_all_values(values, type_):
    data = "k,field\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values))
    assert guessed(data.encode())["field"].type.value == type_


def test_no_more_fields_are_kept_sorted_than_pay():
    data = ",".join(f"n{i}" for i in range(20)) + "\n" + ",".join("7" for _ in range(20)) + "\n"
    assert sum(spec.indexed for spec in guessed(data.encode()).values()) == 6


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("employeeID", "employeeID"),
        ("Birth Date", "birth-date"),
        ("sort", "field-sort"),
        ("Größe", "gr-e"),
        ("№", "field"),
        ("2nd", "field-2nd"),
        ("x" * 80, "field-" + "x" * 54),
    ],
)
def test_keys_from_names(name, key):
    assert field_key(name) == key
    assert is_field_key(key)


def test_keys_stay_apart():
    assert field_key("city", ["city", "city-2"]) == "city-3"


@pytest.mark.parametrize(
    ("key", "label"),
    [("titleOfCourtesy", "Title of courtesy"), ("employeeID", "Employee ID"), ("birth-date", "Birth date")],
)
def test_labels_from_keys(key, label):
    assert label_of(key) == label
