"""`safehold import` and `safehold export`: what they print, what they refuse."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from factories import make_tenant, system
from safehold.kernel.errors import Conflict, Invalid, NotFound
from safehold.workspace.records.errors import ImportRefused

FILE = "staffID,name,Birth Date,phone\n1,Ada,1980-05-01,+45 12345678\n2,Bram,,\n"


def command(*arguments):
    from safehold.workspace.records.cli import COMMANDS

    name, *rest = map(str, arguments)
    found = next(each for each in COMMANDS if each.name == name)
    return CliRunner().invoke(found, rest, catch_exceptions=False)


@pytest.fixture
def tenant(installation):
    return make_tenant()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "staff.csv"
    path.write_text(FILE)
    return path


def fields(tenant, key="staff"):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import selectors

    with scoped(system(tenant)) as scope:
        return {each.key: each for each in selectors.collection(scope, key).fields}


def count(tenant, key="staff") -> int:
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import selectors

    with scoped(system(tenant)) as scope:
        return selectors.count(scope, key).number


def test_a_new_collection_is_shown_before_it_is_made(tenant, file):
    done = command("import", tenant.slug, "staff", file)
    assert "staff is a new collection" in done.output
    assert "staffID     number, open, required, unique, indexed" in done.output
    assert "birth-date  date, personal" in done.output
    assert "Imported 2 records into staff in " in done.output
    assert fields(tenant)["birth-date"].label == "Birth Date"


def test_the_guess_can_be_corrected(tenant, file):
    command(
        *("import", tenant.slug, "staff", file, "--create", "--class", "name=sensitive", "--class", "phone=open"),
        *("--unique", "name", "--ignore", "Birth Date"),
    )
    made = fields(tenant)
    assert set(made) == {"staffID", "name", "phone"}
    assert (made["name"].field_class.value, made["name"].unique, made["phone"].field_class.value) == (
        "sensitive",
        True,
        "open",
    )


def test_rows_go_into_a_collection_that_is_there(tenant, file, tmp_path):
    command("import", tenant.slug, "staff", file)
    more = tmp_path / "more.csv"
    more.write_text("no;name;phone\n3;Cleo;\n")
    command("import", tenant.slug, "staff", more, "--column", "no=staffID", "--without", "birth-date")
    assert count(tenant) == 3


def test_a_refused_file_makes_no_collection_either(tenant, file):
    file.write_text(FILE + "2,Twin,,\n")
    with pytest.raises(ImportRefused) as refused:
        command("import", tenant.slug, "staff", file, "--unique", "staffID")
    assert refused.value.problems[0].place == "row 4, column staffID"
    with pytest.raises(NotFound):
        count(tenant)


def test_a_check_stores_nothing(tenant, file):
    assert "new collection" in command("import", tenant.slug, "staff", file, "--check").output
    with pytest.raises(NotFound):
        count(tenant)
    command("import", tenant.slug, "staff", file)
    with pytest.raises(ImportRefused, match="The file has 2 problems"):
        command("import", tenant.slug, "staff", file, "--check")
    file.write_text("staffID,name,birth-date,phone\n9,Zoe,,\n")
    assert "Nothing is wrong with the 1 rows" in command("import", tenant.slug, "staff", file, "--check").output
    assert count(tenant) == 2


def test_torn_cells_are_told(tenant, file):
    file.write_text("staffID,address\n1,Rua do Paço, 67\n2,Mill Row\n")
    done = command("import", tenant.slug, "staff", file)
    assert "row 2, column address: Rua do Paço, 67 (--no-mend refuses such rows)" in done.output
    with pytest.raises(ImportRefused):
        command("import", tenant.slug, "other", file, "--no-mend")


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["--no-create"], NotFound, "no collection staff"),
        (["--class", "name"], Invalid, "option can't be read"),
        (["--class", "name=secret"], Invalid, "no such class"),
        (["--class", "nobody=open"], Invalid, "no such column"),
        (["--reference", "name=nowhere"], Invalid, ""),
        (["--encoding", "klingon"], ImportRefused, "encoding is unknown"),
        (["--department", "7"], ImportRefused, "2 problems"),
    ],
)
def test_what_cannot_be_done_is_said(tenant, file, arguments, error, says):
    with pytest.raises(error) as refused:
        command("import", tenant.slug, "staff", file, *arguments)
    assert says in refused.value.message
    with pytest.raises(NotFound):
        count(tenant)


def test_fields_that_are_there_are_not_made_again(tenant, file):
    command("import", tenant.slug, "staff", file)
    with pytest.raises(Conflict, match="already, with fields of its own"):
        command("import", tenant.slug, "staff", file, "--class", "name=personal")


def test_no_tenant_of_that_name(installation, file):
    with pytest.raises(NotFound):
        command("import", "nobody-here", "staff", file)


def test_a_refused_import_is_in_the_log(tenant, file):
    from safehold.foundation.audit.models import Event
    from safehold.foundation.scope.transaction import scoped

    command("import", tenant.slug, "staff", file)
    with pytest.raises(ImportRefused):
        command("import", tenant.slug, "staff", file)
    with scoped(system(tenant)):
        assert Event.objects.filter(tenant_id=tenant.id, type="import.failed").count() == 1


def test_an_export_replaces_no_file_by_accident(tenant, file, tmp_path):
    command("import", tenant.slug, "staff", file)
    target = tmp_path / "out.zip"
    done = command("export", tenant.slug, "-o", target)
    assert "staff.csv: 2 records" in done.output
    with pytest.raises(Conflict, match="is there already"):
        command("export", tenant.slug, "-o", target)
    command("export", tenant.slug, "-o", target, "--force")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".export-")] == []


def test_an_export_has_a_name_of_its_own(tenant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command("export", tenant.slug)
    (made,) = tmp_path.iterdir()
    assert made.name.startswith(f"{tenant.slug}-")


def test_what_the_log_says_of_a_file_can_be_asked(tenant, file):
    before = command("import", tenant.slug, "staff", file, "--digest")
    assert "The log knows no import of this file." in before.output
    command("import", tenant.slug, "staff", file)
    after = command("import", tenant.slug, "staff", file, "--digest")
    assert after.stdout == before.stdout
    assert "import:" in after.output
    assert "by system:command-line" in after.output
    assert count(tenant) == 2


def test_entries_for_each_row_are_chosen(tenant):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import selectors

    for wanted in ("row", "batch"):
        assert f"an entry for each {wanted}" in command("import-entries", tenant.slug, wanted).output
        with scoped(system(tenant)) as scope:
            assert selectors.entry_a_row(scope) == (wanted == "row")
