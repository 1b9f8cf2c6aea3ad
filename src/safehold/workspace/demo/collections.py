"""The collections of a demo company: employees, clients and invoices, filled through the import that everybody uses."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from safehold.foundation.access.matrix import FieldClass
from safehold.foundation.scope.scope import Scope
from safehold.workspace.demo import people
from safehold.workspace.demo.people import Company
from safehold.workspace.records import flows
from safehold.workspace.records.importing.options import DEPARTMENT, ImportOptions
from safehold.workspace.records.shape import FieldSpec
from safehold.workspace.records.values import FieldType

__all__ = ["fill"]

EMPLOYEES, CLIENTS, INVOICES = 24, 18, 60

_CONFIDENTIAL, _PERSONAL, _SENSITIVE = FieldClass.CONFIDENTIAL, FieldClass.PERSONAL, FieldClass.SENSITIVE
_NUMBER = FieldSpec("number", label="Number", required=True, unique=True)
_EMPLOYEE_FIELDS = (
    _NUMBER,
    FieldSpec("name", label="Name", required=True, indexed=True),
    FieldSpec("title", label="Title", indexed=True),
    FieldSpec("birth-date", FieldType.DATE, "Birth date", _PERSONAL),
    FieldSpec("home-phone", FieldType.PHONE, "Home phone", _PERSONAL, indexed=True),
    FieldSpec("address", FieldType.TEXT, "Address", _PERSONAL, indexed=True),
    FieldSpec("city", label="City", indexed=True),
    FieldSpec("country", label="Country", indexed=True),
    FieldSpec("salary", FieldType.NUMBER, "Salary", _SENSITIVE),
)
_CLIENT_FIELDS = (
    _NUMBER,
    FieldSpec("name", label="Company", required=True, indexed=True),
    FieldSpec("contact", label="Contact", field_class=_CONFIDENTIAL, indexed=True),
    FieldSpec("email", FieldType.EMAIL, "E-mail", _CONFIDENTIAL, indexed=True),
    FieldSpec("city", label="City", indexed=True),
    FieldSpec("country", label="Country", indexed=True),
)
_INVOICE_FIELDS = (
    _NUMBER,
    FieldSpec("client", FieldType.REFERENCE, "Client", required=True, target="clients"),
    FieldSpec("issued", FieldType.DATE, "Issued", required=True, indexed=True),
    FieldSpec("amount", FieldType.NUMBER, "Amount", required=True, indexed=True),
    FieldSpec("status", FieldType.CHOICE, "Status", indexed=True, choices=("sent", "paid", "overdue")),
)


def fill(*, scope: Scope, company: Company, departments: Mapping[str, int]) -> None:
    """Make the three collections and their made-up records, in the company's departments."""
    staff = [
        {**row, DEPARTMENT: str(departments[department])} for department, row in people.employees(company, EMPLOYEES)
    ]
    clients = list(people.clients(company, CLIENTS))
    invoices = list(people.invoices(company, INVOICES, CLIENTS))
    _make(scope, "employees", "Employees", _EMPLOYEE_FIELDS, staff)
    _make(scope, "clients", "Clients", _CLIENT_FIELDS, clients)
    _make(scope, "invoices", "Invoices", _INVOICE_FIELDS, invoices)


def _make(scope: Scope, key: str, label: str, fields: tuple[FieldSpec, ...], rows: list[dict[str, str]]) -> None:
    flows.create_collection(scope=scope, key=key, label=label, fields=fields)
    flows.import_rows(scope=scope, collection=key, data=_csv(rows), options=ImportOptions())


def _csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    text, every = io.StringIO(), list(rows)
    writer = csv.DictWriter(text, fieldnames=list(every[0]))
    writer.writeheader()
    writer.writerows(every)
    return text.getvalue().encode()
