"""The Northwind files: where they are, what an export of them says, and how each is imported.

The files are real and messy: NULL words, a picture in hexadecimal, accents, dates with a midnight, and commas without
quotes. What `expected` says is worked out here from the raw bytes, by none of the product's own code.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILES", "PERSONAL", "File", "expected", "folder", "personal_values"]

_HERE = Path(__file__).parents[2]
_MIDNIGHT = " 00:00:00.000"

PERSONAL = ("birthDate", "homePhone", "address")
"""The columns of employees.csv that only some roles may see."""


@dataclass(frozen=True)
class File:
    """A file, the collection it becomes, its columns that refer elsewhere, and those that are dates."""

    name: str
    collection: str
    label: str
    references: tuple[tuple[str, str], ...] = ()
    dates: tuple[str, ...] = ()


FILES = (
    File("regions.csv", "regions", "Regions"),
    File("territories.csv", "territories", "Territories", (("regionID", "regions"),)),
    File("suppliers.csv", "suppliers", "Suppliers"),
    File("customers.csv", "customers", "Customers"),
    File("employees.csv", "employees", "Employees", (("reportsTo", "employees"),), ("birthDate", "hireDate")),
    File("products.csv", "products", "Products", (("supplierID", "suppliers"),)),
    File(
        "orders.csv",
        "orders",
        "Orders",
        (("customerID", "customers"), ("employeeID", "employees")),
        ("orderDate", "requiredDate", "shippedDate"),
    ),
    File("order-details.csv", "order-details", "Order details", (("orderID", "orders"), ("productID", "products"))),
    File(
        "employee-territories.csv",
        "employee-territories",
        "Employee territories",
        (("employeeID", "employees"), ("territoryID", "territories")),
    ),
)
"""In an order in which everything that a file refers to is there before it."""


def folder() -> Path:
    """Where the files are: beside the tests of records, so that a fresh clone has them."""
    return _HERE / "tests" / "workspace" / "records" / "northwind"


def _rows(name: str) -> tuple[list[str], list[list[str]]]:
    text = (folder() / name).read_bytes().decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return header, rows


def _joined(row: list[str], width: int) -> list[str]:
    """A row whose unquoted commas made too many cells, as a person reads it: a cell with a space first goes back."""
    whole: list[str] = []
    for cell in row:
        if len(row) > width and cell.startswith(" "):
            whole[-1] += "," + cell
        else:
            whole.append(cell)
    assert len(whole) == width, row
    return whole


def expected(file: File) -> list[dict[str, str]]:
    """The file's rows as an export writes them: nothing for NULL, dates without the midnight."""
    header, rows = _rows(file.name)
    found = []
    for row in rows:
        record = dict(zip(header, _joined(row, len(header)), strict=True))
        record = {name: "" if value == "NULL" else value for name, value in record.items()}
        found.append(record | {name: record[name].removesuffix(_MIDNIGHT) for name in file.dates})
    return found


def personal_values() -> dict[str, str]:
    """Every personal value of the employees and each form in which it could be shown, with the column it is from."""
    found = {}
    for row in expected(next(file for file in FILES if file.collection == "employees")):
        year, month, day = row["birthDate"].split("-")
        dates = (row["birthDate"], f"{day}/{month}/{year}", f"{day}.{month}.{year}", f"{year}{month}{day}")
        found |= dict.fromkeys(dates, "birthDate")
        digits = "".join(letter for letter in row["homePhone"] if letter.isdigit())
        found |= {row["homePhone"]: "homePhone", digits: "homePhone"}
        found |= {row["address"]: "address", row["address"].split("\n")[0]: "address"}
    return found
