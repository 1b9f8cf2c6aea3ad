"""Real data end to end: nine files of Northwind through the command line and through the worker.

The files are real and messy: NULL words, accents, quotes, a binary photo, times in dates, cells torn at their commas.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from factories import make_tenant, scope_of, system
from safehold.kernel.errors import NotFound
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.sheet import Problems, Sheet

NORTHWIND = Path(__file__).parent / "northwind"
ORDER = {
    "regions": 4,
    "territories": 53,
    "employees": 9,
    "employee-territories": 49,
    "customers": 91,
    "suppliers": 29,
    "products": 77,
    "orders": 830,
    "order-details": 2155,
}
"""The files in an order in which what is referred to comes first, and how many rows each has."""

OPTIONS = {
    "employees": [
        *("--class", "birthDate=personal", "--class", "homePhone=personal", "--class", "address=personal"),
        *("--unique", "employeeID", "--reference", "reportsTo=employees"),
    ]
}


def command(*arguments: str):
    from safehold.workspace.records.cli import COMMANDS

    name, *rest = arguments
    found = next(each for each in COMMANDS if each.name == name)
    return CliRunner().invoke(found, rest, catch_exceptions=False)


@pytest.fixture(scope="module")
def tenant(installation):
    tenant = make_tenant("Northwind")
    for name, count in ORDER.items():
        done = command("import", tenant.slug, name, str(NORTHWIND / f"{name}.csv"), *OPTIONS.get(name, []))
        assert f"Imported {count:,} records into {name}" in done.output
    return tenant


def listed(scope, collection, **asked):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import filters, selectors

    with scoped(scope):
        page = selectors.records(scope, collection, filters.parse([*asked.items(), ("limit", "500")]))
        return [dict(record.values) for record in page.records]


def rows_of(name: str) -> list[dict[str, str]]:
    """What a file says, cell by cell: torn cells joined, NULL as nothing, dates without their midnight."""
    sheet = Sheet((NORTHWIND / f"{name}.csv").read_bytes())
    rows = [row for chunk in sheet.chunks(1000, Problems()) for row in chunk.rows]
    return [
        {
            key: cell.removesuffix(" 00:00:00.000")
            for key, cell in zip(sheet.header, row, strict=True)
            if cell.strip() not in ("", "NULL")
        }
        for row in rows
    ]


def exported(data: bytes) -> list[dict[str, str]]:
    from safehold.workspace.records.cells import original

    reader = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [{key: original(cell) for key, cell in row.items() if cell} for row in reader]


def test_hr_sees_what_is_personal_and_a_viewer_does_not(tenant):
    personal = {"birthDate", "homePhone", "address"}
    (nancy,) = listed(scope_of(tenant, "hr"), "employees", lastName="davolio")
    assert nancy["birthDate"] == "1948-12-08"
    assert nancy["homePhone"] == "(206) 555-9857"
    assert nancy["address"] == "507 - 20th Ave. E. Apt. 2A"
    (seen,) = listed(scope_of(tenant, "viewer"), "employees", lastName="davolio")
    assert set(nancy) - set(seen) == personal
    assert seen["photo"].startswith("0x151C2F")


def test_a_search_for_a_name_finds_the_row(tenant):
    viewer = scope_of(tenant, "viewer")
    assert {row["lastName"] for row in listed(viewer, "employees", q="Leverling")} >= {"Leverling"}
    assert [row["companyName"] for row in listed(viewer, "customers", q="taqueria antonio")] == [
        "Antonio Moreno Taquería"
    ]
    assert [row["companyName"] for row in listed(viewer, "customers", q="blondesddsl")] == ["Blondesddsl père et fils"]


def test_a_search_for_what_is_personal_finds_it_for_those_who_may_see_it(tenant):
    assert [row["lastName"] for row in listed(scope_of(tenant, "hr"), "employees", q="206 555 9857")] == ["Davolio"]
    assert listed(scope_of(tenant, "viewer"), "employees", q="206 555 9857") == []
    assert [row["lastName"] for row in listed(scope_of(tenant, "hr"), "employees", q="garrett hill")] == ["Buchanan"]
    assert listed(scope_of(tenant, "viewer"), "employees", q="garrett hill") == []


def test_another_tenant_finds_nothing(tenant, installation):
    other = system(make_tenant())
    with pytest.raises(NotFound):
        listed(other, "employees", q="davolio")
    done = command("import", str(other_slug(other)), "employees", str(NORTHWIND / "employees.csv"))
    assert "Imported 9" in done.output
    assert len(listed(other, "employees", q="leverling")) == 1
    assert [row["lastName"] for row in listed(other, "employees", q="davolio")].count("Davolio") == 1


def other_slug(scope) -> str:
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    with scoped(scope):
        return selectors.tenant(scope).slug


def test_references_were_recognised_and_hold(tenant):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import filters, selectors

    owner = system(tenant)
    with scoped(owner):
        (order,) = selectors.records(owner, "orders", filters.parse([("orderID", "10248")])).records
    assert order.links["customerID"].title == "Vins et alcools Chevalier"
    assert order.links["employeeID"].title == "Buchanan"
    assert len(listed(owner, "order-details", orderID="10248")) == 3
    assert {row["lastName"] for row in listed(owner, "employees", reportsTo="2")} == {
        "Davolio",
        "Leverling",
        "Peacock",
        "Buchanan",
        "Callahan",
    }


def test_torn_cells_are_whole(tenant):
    orders = listed(system(tenant), "orders", orderID="10250")
    assert (orders[0]["shipAddress"], orders[0]["shipCity"]) == ("Rua do Paço, 67", "Rio de Janeiro")


@pytest.fixture(scope="module")
def archive(tenant, tmp_path_factory):
    target = tmp_path_factory.mktemp("export") / "northwind.zip"
    done = command("export", tenant.slug, "-o", str(target))
    assert f"Wrote {target}." in done.output
    assert target.stat().st_mode & 0o077 == 0
    return target


@pytest.mark.parametrize("name", ORDER)
def test_the_export_equals_the_import(archive, name):
    with zipfile.ZipFile(archive) as opened:
        assert exported(opened.read(f"{name}.csv")) == rows_of(name)


def test_the_manifest_holds_what_the_archive_holds(archive):
    import hashlib

    with zipfile.ZipFile(archive) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        assert opened.namelist()[-1] == "manifest.json"
        for entry in manifest["collections"]:
            assert hashlib.sha256(opened.read(entry["file"])).hexdigest() == entry["sha256"]
            assert entry["records"] == ORDER[entry["key"]]
    employees = next(entry for entry in manifest["collections"] if entry["key"] == "employees")
    by_key = {each["key"]: each for each in employees["fields"]}
    assert by_key["birthDate"]["class"] == "personal"
    assert by_key["reportsTo"]["target"] == "employees"


def test_the_export_can_be_imported_again(archive, tmp_path):
    tenant = make_tenant("Northwind again")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    for name, count in ORDER.items():
        done = command("import", tenant.slug, name, str(tmp_path / f"{name}.csv"), *OPTIONS.get(name, []))
        assert f"Imported {count:,} records" in done.output
    target = tmp_path / "again.zip"
    command("export", tenant.slug, "-o", str(target))
    with zipfile.ZipFile(archive) as first, zipfile.ZipFile(target) as second:
        for name in ORDER:
            assert first.read(f"{name}.csv") == second.read(f"{name}.csv")


def test_what_was_imported_and_exported_is_in_the_log(tenant, archive):
    from safehold.foundation.audit.models import Event
    from safehold.foundation.scope.transaction import scoped

    with scoped(system(tenant)):
        types = ["import.finished", "records.exported"]
        rows = Event.objects.filter(tenant_id=tenant.id, type__in=types, actor="system:command-line")
        bodies = [json.loads(bytes(row.body)) for row in rows]
    for type_ in ("import.finished", "records.exported"):
        told = [body["fields"] for body in bodies if body["type"] == type_]
        assert {fields["collection"]: fields["count"] for fields in told} == ORDER
    assert "Davolio" not in str(bodies)


def test_a_viewers_export_has_no_personal_column(tenant):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows
    from safehold.workspace.records.filters import Query

    manager = scope_of(tenant, "manager")
    with scoped(manager):
        text = flows.export_list(scope=manager, collection="employees", query=Query())
    header = next(csv.reader(io.StringIO(text)))
    assert {"lastName", "notes"} <= set(header)
    assert {"birthDate", "homePhone", "address"}.isdisjoint(header)
    assert "555-9857" not in text


def test_the_worker_imports_the_same(tenant, people):
    """The page's way: the file is kept, previewed, queued, and imported by the worker."""
    from types import SimpleNamespace

    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows, selectors
    from safehold.workspace.records.jobs import run_import

    owner = people.owner
    for name, rows in ORDER.items():
        data = (NORTHWIND / f"{name}.csv").read_bytes()
        with scoped(owner):
            made = flows.design_collection(scope=owner, label=name, data=data)
            import_id = flows.keep_file(
                scope=owner, collection=made.key, filename=f"{name}.csv", data=data, options=ImportOptions()
            )
            preview = flows.check_file(scope=owner, collection=made.key, data=data, options=ImportOptions())
            assert (preview.count, preview.problem_count) == (rows, 0)
            flows.queue_import(scope=owner, import_id=import_id)
        context = SimpleNamespace(job=SimpleNamespace(attempts=0))
        run_import.func(context, tenant=str(people.tenant.id), import_id=str(import_id))
        with scoped(owner):
            assert selectors.import_view(owner, import_id).state == "done"
        assert listed(owner, name) == listed(system(tenant), name)
