"""Files that can't be taken: the message names row, column and what was expected, and nothing of them is stored."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pytest

from factories import make_tenant, system
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.models import Tenant
from support.commands import safehold
from support.jobs import work
from support.visitors import Visitor, plain

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]

HEADER = "code,name,price,day,kind\n"
SOUND = b"code,name,price,day,kind\nA1,First,9.50,2026-01-31,K1\n"


@dataclass(frozen=True)
class Bad:
    """A file, and what the messages about it have to name."""

    name: str
    data: bytes
    named: tuple[str, ...]
    is_no_table: bool = False


def lines(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


GOOD = "B1,Fine,1,2026-01-01,K1"
BAD = (
    Bad("a missing column", b"code,name,price,day\nB1,Fine,1,2026-01-01\n", ("column kind", "a column for Kind")),
    Bad("an unknown column", b"code,name,price,day,kind,size\nB1,Fine,1,2026-01-01,K1,XL\n", ("row 1, column 6",)),
    Bad(
        "a row with too few cells",
        lines(GOOD, "B2,Short,2"),
        ("row 3", "5 cells, as the header has", "3 cells"),
        is_no_table=True,
    ),
    Bad(
        "a row with too many cells",
        lines(GOOD, "B2,a,b,c,d,e,f"),
        ("row 3", "5 cells, as the header has", "7 cells"),
        is_no_table=True,
    ),
    Bad(
        "the wrong encoding",
        lines(GOOD).replace(b"Fine", "Schön".encode("cp1252")),
        ("row 2, column name", "text in UTF-8", "the byte 0xF6"),
        is_no_table=True,
    ),
    Bad("UTF-16", lines(GOOD).decode().encode("utf-16"), ("text in UTF-8", "text in UTF-16")),
    Bad("a cell of 1 MB", lines(GOOD, f"B2,{'x' * 2**20},2,,K1"), ("row 3, column name", "at most 100,000 characters")),
    Bad("a NUL byte", lines(GOOD, "B2,a\0b,2,,K1"), ("row 3, column name", "control characters such as NUL")),
    Bad(
        "a value twice in the file",
        lines(GOOD, "B2,Fine,1,,K1", "B1,Again,1,,K1"),
        ("row 4, column code", "a value that no other row has", "row 2 has it too"),
    ),
    Bad("a value that is stored already", lines(GOOD, "A1,Again,1,,K1"), ("row 3, column code", "no other record has")),
    Bad("a number that is none", lines(GOOD, "B2,Fine,1 000,,K1"), ("row 3, column price", "a number such as 1234.5")),
    Bad("a date that is none", lines(GOOD, "B2,Fine,1,30.02.2026,K1"), ("row 3, column day", "a date such as 1948")),
    Bad(
        "a reference to nothing",
        lines(GOOD, "B2,Fine,1,,K9"),
        ("row 3, column kind", "the Code of a record that is in Kinds", "K9"),
    ),
    Bad("nothing where something is required", lines(GOOD, ",Fine,1,,K1"), ("row 3, column code", "something in Code")),
    Bad(
        "a quote that is never closed", lines(GOOD, 'B2,"Fine,1,,K1'), ("row 3", "each quote closed"), is_no_table=True
    ),
    Bad("no rows", HEADER.encode(), ("row 2", "at least one row")),
    Bad("nothing at all", b"", ("row 1", "the names of the columns"), is_no_table=True),
    Bad("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ("row 1", "UTF-8")),
)


@pytest.fixture(scope="module")
def tenant(installation) -> Tenant:
    """A tenant with two collections, one of which refers to the other."""
    from safehold.foundation.access.matrix import FieldClass
    from safehold.workspace.records import flows
    from safehold.workspace.records.importing.options import ImportOptions
    from safehold.workspace.records.shape import FieldSpec
    from safehold.workspace.records.values import FieldType

    made = make_tenant("Bad input")
    code = FieldSpec("code", label="Code", required=True, unique=True, indexed=True)
    name = FieldSpec("name", label="Name", field_class=FieldClass.CONFIDENTIAL, indexed=True)
    price, day = FieldSpec("price", FieldType.NUMBER, "Price"), FieldSpec("day", FieldType.DATE, "Day")
    kind = FieldSpec("kind", FieldType.REFERENCE, "Kind", target="kinds")
    with scoped(system(made)) as scope:
        flows.create_collection(scope=scope, key="kinds", label="Kinds", fields=[code])
        flows.create_collection(scope=scope, key="things", label="Things", fields=[code, name, price, day, kind])
        for key, data in (("kinds", b"code\nK1\n"), ("things", SOUND)):
            flows.import_rows(scope=scope, collection=key, data=data, options=ImportOptions())
    return made


@pytest.fixture(scope="module")
def owner(tenant) -> Visitor:
    return Visitor(tenant, "owner")


def stored(tenant: Tenant) -> dict[str, int]:
    """How many rows each table of records holds for the tenant; imports and events tell of refusals and may grow."""
    from safehold.workspace.records import models

    tables = (models.Collection, models.Field, models.Record, models.Version, models.Word, models.Unique)
    with scoped(system(tenant)):
        return {table.__name__: table.objects.filter(tenant_id=tenant.id).count() for table in tables}


@pytest.fixture
def unchanged(tenant):
    """Nothing is stored by what happens in the test."""
    before = stored(tenant)
    assert before["Record"] >= 2
    yield
    assert stored(tenant) == before


def uploaded(owner: Visitor, data: bytes, rest: str = "collections/things/import/", **more: str) -> Any:
    """The answer to an upload."""
    file = io.BytesIO(data)
    file.name = "things.csv"
    return owner.post(rest, {"file": file, **more})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
class TestRefused:
    def test_by_the_command(self, tenant, bad, tmp_path):
        path = tmp_path / "things.csv"
        path.write_bytes(bad.data)
        done = safehold("import", tenant.slug, "things", path)
        assert done.code == 1
        assert done.out == ""
        assert [words for words in bad.named if words not in done.err] == [], done.err
        assert len(done.err) < 2000
        assert "Traceback" not in done.err

    def test_by_the_page(self, owner, bad):
        answer = uploaded(owner, bad.data)
        shown = plain(owner.follow(answer) if answer.status_code == 302 else answer)
        assert "can be imported" not in shown
        named = bad.named if bad.data else ("The submitted file is empty.",)
        assert [words for words in named if words not in shown] == [], shown[-6000:]
        if answer.status_code == 302:
            started = owner.client.post(f"{answer['Location']}start/", secure=True)
            work()
            result = plain(owner.client.get(answer["Location"], secure=True))
            assert "Nothing of this file was stored" in result, started
            assert [words for words in bad.named if words not in result] == [], result[-6000:]

    def test_by_the_api(self, owner, bad):
        headers = {"HTTP_AUTHORIZATION": f"Bearer {_token(owner)}", "content_type": "text/csv", "secure": True}
        answer = owner.client.post("/api/v1/collections/things/records.csv", bad.data, **headers)
        assert answer.status_code == 422
        assert [words for words in bad.named if words not in plain(answer)] == [], plain(answer)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.is_no_table], ids=lambda bad: bad.name)
def test_no_collection_is_made_of_what_is_no_table(tenant, bad, tmp_path):
    path = tmp_path / "things.csv"
    path.write_bytes(bad.data)
    done = safehold("import", tenant.slug, "other-things", path, "--create")
    assert done.code == 1
    assert bad.named[0] in done.err


_tokens: dict[str, str] = {}


def _token(owner: Visitor) -> str:
    if owner.email not in _tokens:
        _tokens[owner.email] = owner.token()
    return _tokens[owner.email]


@pytest.mark.usefixtures("unchanged")
class TestWhatTheCommandSays:
    def test_every_problem_at_once_and_what_to_do(self, tenant, tmp_path):
        path = tmp_path / "things.csv"
        path.write_bytes(lines("B1,Fine,x,,K1", "B2,Fine,1,y,K1", "B2,Fine,1,,K7"))
        done = safehold("import", tenant.slug, "things", path)
        places = ("row 2, column price", "row 3, column day", "row 4, column code", "row 4, column kind")
        assert [place for place in places if place not in done.err] == []
        assert "nothing of it was stored" in done.err
        assert "→ Mend the file and import it again." in done.err

    def test_a_sealed_value_is_never_quoted(self, tenant, tmp_path):
        path = tmp_path / "things.csv"
        path.write_bytes(lines(f"B1,{'secret' * 20_000},1,,K1"))
        done = safehold("import", tenant.slug, "things", path)
        assert "row 2, column name" in done.err
        assert "secretsecret" not in done.err

    def test_nothing_in_a_cell_commands_the_terminal(self, tenant, tmp_path):
        path = tmp_path / "things.csv"
        path.write_bytes(lines("B1,Fine,\x1b[31mred,,K1"))
        assert "\x1b" not in safehold("import", tenant.slug, "things", path).err

    def test_a_check_lists_the_same_and_stores_nothing(self, tenant, tmp_path):
        path = tmp_path / "things.csv"
        path.write_bytes(lines(GOOD))
        done = safehold("import", tenant.slug, "things", path, "--check")
        assert (done.code, "Nothing was stored" in done.out) == (0, True)
        path.write_bytes(lines(GOOD, "B2,Fine,x,,K1"))
        done = safehold("import", tenant.slug, "things", path, "--check")
        assert (done.code, "row 3, column price" in done.err) == (1, True)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nobody", "things"], "There is no such workspace."),
            (["{slug}", "nothing", "--no-create"], "There is no collection nothing."),
            (["{slug}", "things", "--column=price:cost"], "COLUMN=FIELD"),
            (["{slug}", "new-things", "--create", "--class=price=secret"], "one of open, confidential"),
            (["{slug}", "new-things", "--create", "--class=prize=open"], "one of the columns code, name, price"),
            (["{slug}", "things", "--encoding=klingon"], "another that Python knows"),
            (["{slug}", "things", "--department=7"], "the number of a department that you reach"),
        ],
    )
    def test_a_wrong_order_is_explained(self, tenant, tmp_path, arguments, said):
        path = tmp_path / "things.csv"
        path.write_bytes(lines(GOOD))
        slug, collection, *rest = (argument.format(slug=tenant.slug) for argument in arguments)
        done = safehold("import", slug, collection, path, *rest)
        assert done.code == 1
        assert said in done.err
        assert "Traceback" not in done.err


FORMULAS = (
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@cmd",
    "\t=tab",
    "'=quoted",
    "''=twice",
    "'plain",
    "null",
    "=HYPERLINK(x)",
    "\uff1dwide",
    "\r\n=next line",
    " =after a space",
    "a=b",
    "-7",
)


class TestFormulas:
    @pytest.fixture(scope="class")
    @classmethod
    def workspace(cls, installation):  # noqa: ARG003 - the tenant needs it
        tenant = make_tenant("Formulas")
        owner = Visitor(tenant, "owner")
        from safehold.workspace.records import flows
        from safehold.workspace.records.shape import FieldSpec

        fields = [FieldSpec("code", unique=True, required=True), FieldSpec("words")]
        with scoped(system(tenant)) as scope:
            for key in ("words", "copies"):
                flows.create_collection(scope=scope, key=key, fields=fields)
            for number, text in enumerate(FORMULAS):
                flows.create_record(scope=scope, collection="words", values={"code": f"c{number:02}", "words": text})
        return owner

    @staticmethod
    def values(owner: Visitor, collection: str) -> list[str]:
        return [each["values"]["words"] for each in owner.records(_token(owner), collection)]

    def test_no_cell_of_an_export_begins_like_a_formula(self, workspace):
        text = workspace.get("collections/words.csv").content.decode()
        cells = [row["words"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        assert [cell for cell in cells if cell.strip()[0] in "=+-@\uff1d\uff0b\uff0d\uff20" and cell != "-7"] == []

    def test_an_import_of_the_export_is_the_same_again(self, workspace):
        text = workspace.get("collections/words.csv").content
        answer = uploaded(workspace, text, "collections/copies/import/")
        assert "can be imported" in plain(workspace.follow(answer))
        assert workspace.client.post(f"{answer['Location']}start/", secure=True).status_code == 302
        work()
        assert self.values(workspace, "copies") == self.values(workspace, "words") == list(FORMULAS)
