"""All of Northwind goes in, by the command line and through the pages, and is read back by the right people only."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from factories import make_tenant
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.tenancy.models import Tenant
from safehold.kernel.installation import Installation
from support import northwind
from support.commands import safehold
from support.jobs import work
from support.northwind import FILES, PERSONAL, File
from support.visitors import Visitor, plain

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation"), pytest.mark.slow]

PROMISES = (
    *("ISO-1", "ISO-2", "ISO-3", "ISO-4", "ISO-5", "ACC-1", "ACC-2", "ACC-3", "IDN-1", "IDN-3"),
    *("ENC-3", "AUD-1", "AUD-2", "AUD-3"),
)
"""What has to be kept wherever the suite runs; ENC-1 and ENC-2 need a listener: a whole installation has it."""


@dataclass
class Workspace:
    """A tenant with Northwind in it, and its people as they are needed."""

    tenant: Tenant
    said: dict[str, str] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def person(self, role: str) -> Visitor:
        """Somebody of that role, signed in."""
        if role not in self.people:
            self.people[role] = Visitor(self.tenant, role)
        return self.people[role]

    def api(self, role: str, path: str, **query: str) -> Any:
        """What the API answers to somebody of that role; a role that holds no tokens has been lent one."""
        if role not in self.tokens:
            self.tokens[role] = self.person(role).token()
        return self.person(role).api(self.tokens[role], path, **query)

    def employees(self) -> dict[str, dict[str, Any]]:
        """The employees as the API gives them to an owner, by last name."""
        items = self.api("owner", "collections/employees/records", limit="500").json()["items"]
        return {item["values"]["lastName"]: item for item in items}


def by_command(tenant: Tenant, file: File) -> str:
    options = [f"--reference={column}={target}" for column, target in file.references]
    if file.collection == "employees":
        options += [f"--class={column}=personal" for column in PERSONAL]
    done = safehold("import", tenant.slug, file.collection, northwind.folder() / file.name, "--create", *options)
    assert done.code == 0, done.err
    return done.out


def by_page(owner: Visitor, file: File) -> str:
    """Upload, look at the preview, start, let the worker work, read the result."""
    data = io.BytesIO((northwind.folder() / file.name).read_bytes())
    data.name = file.name
    preview_at = owner.post("new-import/", {"label": file.label, "file": data})
    preview = owner.follow(preview_at)
    assert "This file can be imported" in plain(preview), plain(preview)
    started = owner.client.post(f"{preview_at['Location']}start/", secure=True)
    waiting = owner.follow(started)
    assert "Waiting for its turn" in plain(waiting)
    work()
    result = owner.client.get(preview_at["Location"], secure=True)
    said = re.sub(r"<[^>]*>|\s+", " ", plain(result))
    assert f"{len(northwind.expected(file))} records of {file.name} stand in {file.label}" in said, said[-3000:]
    return plain(preview)


@pytest.fixture(scope="module")
def command_line(installation: Installation) -> Workspace:
    """Filled by `safehold import`."""
    made = Workspace(make_tenant("Northwind by command"))
    made.said = {file.collection: by_command(made.tenant, file) for file in FILES}
    return made


@pytest.fixture(scope="module")
def pages(installation: Installation) -> Workspace:
    """Filled through the pages by an owner."""
    made = Workspace(make_tenant("Northwind by page"))
    made.said = {file.collection: by_page(made.person("owner"), file) for file in FILES}
    return made


@pytest.fixture(scope="module", params=["command_line", "pages"])
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Each of the two."""
    return request.getfixturevalue(request.param)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exported(workspace: Workspace, collection: str) -> list[dict[str, str]]:
    answer = workspace.person("owner").get(f"collections/{collection}.csv")
    assert answer.status_code == 200
    return read(answer.content.decode())


def places(workspace: Workspace) -> Iterator[tuple[str, dict[str, str]]]:
    """Every page below the workspace on which something of an employee could stand."""
    name = "collections/employees/"
    yield "", {}
    yield "collections/", {}
    yield name, {}
    yield name, {"columns": "birthDate"}
    yield name, {"q": "Davolio"}
    yield f"{name}trash/", {}
    yield "collections/employees.csv", {}
    yield "collections/orders/", {"employeeID": "1"}
    yield "activity/", {}
    yield "activity.csv", {}
    for key in ("lastName", "-hireDate", *PERSONAL):
        yield name, {"sort": key}
    for row in workspace.employees().values():
        yield f"{name}{row['id']}/", {}
        yield f"{name}{row['id']}/history/", {}
        yield f"{name}{row['id']}/edit/", {}


def api_places(workspace: Workspace) -> Iterator[tuple[str, dict[str, str]]]:
    """The same of the API."""
    name = "collections/employees"
    yield "collections", {}
    yield name, {}
    yield f"{name}/records", {}
    yield f"{name}/records", {"deleted": "true"}
    yield f"{name}/records", {"q": "Davolio"}
    yield f"{name}/records.csv", {}
    yield "events", {}
    for key in ("lastName", *PERSONAL):
        yield f"{name}/records", {"sort": key}
    for row in workspace.employees().values():
        yield f"{name}/records/{row['id']}", {}
        yield f"{name}/records/{row['id']}/history", {}


def leaks(answer: Any) -> list[str]:
    """The personal values that an answer holds, in any of their forms."""
    text = plain(answer)
    return [f"{column}: {value}" for value, column in northwind.personal_values().items() if value in text]


class TestWhatCameIn:
    def test_the_command_says_what_it_made_of_each_file(self, command_line):
        for file in FILES:
            said, count = command_line.said[file.collection], len(northwind.expected(file))
            assert f"{file.collection} is a new collection" in said
            assert f"Imported {count:,} records into {file.collection}" in said
        assert "Put 24 cells that were torn at a comma" in command_line.said["customers"]
        assert re.search(r"birthDate +date, personal", command_line.said["employees"])

    def test_the_preview_shows_what_was_put_together(self, pages):
        assert "Some cells were put together" in pages.said["customers"]
        assert "row 9, column address: C/ Araquil, 67" in pages.said["customers"]

    def test_a_second_import_of_the_same_codes_is_refused_whole(self, command_line):
        path = northwind.folder() / "regions.csv"
        done = safehold("import", command_line.tenant.slug, "regions", path)
        assert done.code == 1
        assert "row 2, column regionID" in done.err
        assert len(exported(command_line, "regions")) == 4

    @pytest.mark.parametrize("file", FILES, ids=lambda file: file.collection)
    def test_the_export_is_the_import(self, workspace, file):
        assert exported(workspace, file.collection) == northwind.expected(file)

    def test_the_archive_of_everything_is_the_import_too(self, command_line, tmp_path):
        target = tmp_path / "all.zip"
        done = safehold("export", command_line.tenant.slug, "-o", target)
        assert done.code == 0, done.err
        with zipfile.ZipFile(target) as archive:
            for file in FILES:
                assert read(archive.read(f"{file.collection}.csv").decode()) == northwind.expected(file)


class TestWhoSeesIt:
    """Birth dates, home phones and addresses of the employees are for owners, admins and hr."""

    @pytest.fixture
    def davolio(self, workspace):
        return workspace.employees()["Davolio"]

    @pytest.mark.parametrize("role", ["hr", "admin"])
    def test_whoever_may_sees_them_everywhere(self, workspace, davolio, role):
        person, name = workspace.person(role), "collections/employees"
        (row,) = [row for row in northwind.expected(FILES[4]) if row["lastName"] == "Davolio"]
        wanted = {row[column] for column in PERSONAL}
        answers = [
            person.get(f"{name}/", columns=list(PERSONAL)),
            person.get(f"{name}/{davolio['id']}/"),
            person.get(f"{name}/", q=row["homePhone"], columns=list(PERSONAL)),
            person.get(f"{name}.csv"),
            workspace.api(role, f"{name}/records"),
            workspace.api(role, f"{name}/records/{davolio['id']}"),
            workspace.api(role, f"{name}/records/{davolio['id']}/history"),
            workspace.api(role, f"{name}/records.csv"),
        ]
        for answer in answers:
            assert answer.status_code == 200, plain(answer)
            assert {value for value in wanted if value not in plain(answer)} == set(), answer.request["PATH_INFO"]

    def test_no_byte_of_them_reaches_a_viewer(self, workspace):
        self._look_everywhere(workspace, "viewer")

    @pytest.mark.parametrize("role", ["employee", "manager"])
    def test_nor_anybody_else_whose_role_may_not_see_them(self, command_line, role):
        self._look_everywhere(command_line, role)

    def _look_everywhere(self, workspace, role):
        person, opened = workspace.person(role), 0
        for path, query in places(workspace):
            answer = person.get(path, **query)
            assert leaks(answer) == [], f"{path} {query}"
            opened += answer.status_code == 200
        for path, query in api_places(workspace):
            answer = workspace.api(role, path, **query)
            assert leaks(answer) == [], f"api {path} {query}"
            opened += answer.status_code == 200
        assert opened >= 40

    def test_a_field_that_is_not_theirs_cannot_be_told_from_one_that_is_not_there(self, command_line):
        row = northwind.expected(FILES[4])[0]
        for column in PERSONAL:
            said = set()
            for key in (column, "nothing"):
                for name in (key, f"{key}__begins"):
                    answer = command_line.api("viewer", "collections/employees/records", **{name: row[column]})
                    assert answer.status_code == 422
                    said.add(answer.content.decode().replace(name, "").replace(key, ""))
            assert len(said) == 1, said

    def test_and_its_words_find_nothing(self, command_line):
        for value, column in northwind.personal_values().items():
            found = command_line.api("viewer", "collections/employees/records", q=value).json()["items"]
            assert found == [], f"{len(found)} are found by {column}"

    @pytest.mark.parametrize("role", ["hr", "viewer"])
    def test_a_search_for_a_name_finds_its_row(self, workspace, davolio, role):
        for words in ("Nancy", "nancy", "Nancy Davolio", "davolio NANCY"):
            page = plain(workspace.person(role).get("collections/employees/", q=words))
            assert davolio["id"] in page
            assert ">1 record<" in page
            assert workspace.employees()["Fuller"]["id"] not in page

    def test_a_search_for_a_home_phone_finds_its_row_for_who_may_see_it(self, workspace, davolio):
        found = workspace.api("hr", "collections/employees/records", q="(206) 555-9857").json()["items"]
        assert [each["id"] for each in found] == [davolio["id"]]

    def test_a_change_that_a_viewer_may_not_see_shows_as_a_hidden_one(self, installation):
        tenant = make_tenant()
        workspace = Workspace(tenant)
        by_command(tenant, FILES[4])
        row, before = workspace.employees()["King"], dict(workspace.employees()["King"]["values"])
        path = f"collections/employees/{row['id']}/"
        sent = {**before, "address": "1 Hidden Street", "version": "1"}
        assert workspace.person("hr").post(f"{path}edit/", sent).status_code == 302
        seen, unseen = (plain(workspace.person(role).get(f"{path}history/")) for role in ("hr", "viewer"))
        assert "1 Hidden Street" in seen
        assert before["address"] in seen
        assert "1 Hidden Street" not in unseen
        assert before["address"] not in unseen
        assert "1 field that you may not see was changed too" in unseen


class TestAnotherTenant:
    """With collections of the same names, people of the highest role, and ids that it learnt somewhere."""

    @pytest.fixture(scope="class")
    @classmethod
    def other(cls, installation):  # noqa: ARG003 - the tenant needs it
        made = Workspace(make_tenant("Somebody else"))
        data = io.BytesIO(b"employeeID,lastName,firstName,birthDate\n77,Other,Person,1999-01-01\n")
        data.name = "employees.csv"
        at = made.person("owner").post("new-import/", {"label": "Employees", "file": data})["Location"]
        assert made.person("owner").client.post(f"{at}start/", secure=True).status_code == 302
        work()
        return made

    def test_finds_nothing_by_id(self, workspace, other):
        for row in workspace.employees().values():
            for page in ("", "history/", "edit/"):
                answer = other.person("owner").get(f"collections/employees/{row['id']}/{page}")
                assert (answer.status_code, leaks(answer)) == (404, [])
            for page in ("", "/history"):
                answer = other.api("owner", f"collections/employees/records/{row['id']}{page}")
                assert (answer.status_code, leaks(answer)) == (404, [])

    def test_finds_nothing_in_lists_searches_and_exports(self, workspace, other):
        name, owner = "collections/employees", other.person("owner")
        for query in ({}, {"q": "Davolio"}, {"lastName": "Davolio"}, {"q": "(206) 555-9857"}, {"sort": "-lastName"}):
            for answer in (
                owner.get(f"{name}/", **query),
                owner.get(f"{name}.csv", **query),
                other.api("owner", f"{name}/records", **query),
                other.api("owner", f"{name}/records.csv", **query),
            ):
                assert answer.status_code == 200
                assert [leak for leak in leaks(answer) if query.get("q", "-") not in leak] == []
                assert "Nancy" not in plain(answer)
        assert [each["values"]["lastName"] for each in other.api("owner", f"{name}/records").json()["items"]] == [
            "Other"
        ]
        assert other.api("owner", "collections/orders/records").status_code == 404

    def test_has_no_door_to_the_workspace(self, workspace, other):
        stranger = other.person("owner")
        for path, query in places(workspace):
            answer = stranger.client.get(workspace.person("owner").path(path), query, secure=True)
            assert (answer.status_code, leaks(answer)) == (404, [])

    def test_can_refer_to_nothing_of_it(self, workspace, other):
        """A reference to another tenant's record is one to nothing."""
        row = workspace.employees()["Davolio"]
        path = other.person("owner")
        data = io.BytesIO(f"code,boss\n1,{row['id']}\n".encode())
        data.name = "visits.csv"
        fields = [
            {"key": "code", "type": "text", "required": True, "unique": True},
            {"key": "boss", "type": "reference", "target": "employees"},
        ]
        token = other.tokens.setdefault("owner", path.token())
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}", "content_type": "application/json", "secure": True}
        made = path.client.post("/api/v1/collections", json.dumps({"key": "visits", "fields": fields}), **headers)
        assert made.status_code in {201, 409}
        body = json.dumps({"values": {"code": "1", "boss": row["id"]}})
        refused = path.client.post("/api/v1/collections/visits/records", body, **headers)
        assert refused.status_code == 422
        assert leaks(refused) == []


class TestProof:
    """The log of the imports verifies anywhere, and the promises are kept with Northwind in the tables."""

    @pytest.fixture(scope="class")
    @classmethod
    def export(cls, command_line, sealer, tmp_path_factory):
        sealer.catch_up()
        target = tmp_path_factory.mktemp("audit") / "northwind.safehold-audit"
        done = safehold("audit", "export", command_line.tenant.slug, "-o", target)
        assert done.code == 0, done.err
        return target

    def test_the_log_tells_of_each_import_and_of_no_value(self, command_line, export):
        text = export.read_bytes().decode()
        assert text.count("import.finished") >= len(FILES)
        assert [value for value in northwind.personal_values() if value in text] == []

    def test_safehold_verify_needs_the_file_and_the_key_only(self, installation, export, tmp_path):
        key = tmp_path / "key.pub"
        key.write_text("\n".join(str(key) for key in published_keys(installation)))
        alone = tmp_path / "alone.safehold-audit"
        alone.write_bytes(export.read_bytes())
        command = [sys.executable, "-P", "-m", "safehold", "verify", str(alone), "--key", str(key)]
        done = subprocess.run(command, env=_bare(), cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Verified" in done.stdout

    def test_so_does_the_program_inside_the_export(self, installation, export, tmp_path):
        program = tmp_path / "verify.py"
        program.write_text(_program(export))
        (key,) = published_keys(installation)
        command = [sys.executable, "-I", str(program), str(export), "--key", str(key)]
        done = subprocess.run(command, env=_bare(), cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_an_export_with_one_byte_changed_is_refused(self, installation, export, tmp_path):
        data = export.read_bytes()
        at = data.index(b"import.finished") + 3
        altered = tmp_path / "altered.safehold-audit"
        altered.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        (key,) = published_keys(installation)
        done = safehold("verify", altered, "--key", str(key))
        assert done.code == 1
        assert "REFUSED" in done.err

    @pytest.mark.usefixtures("command_line", "sealing")
    def test_the_promises_are_kept(self):
        done = safehold("prove", *PROMISES, "--json")
        assert done.out, done.err
        found = {row["id"]: row for row in json.loads(done.out)["promises"]}
        assert {id_: (row["result"], row["summary"]) for id_, row in found.items() if row["result"] != "kept"} == {}
        assert set(found) == set(PROMISES)
        assert done.code == 0


def _bare() -> dict[str, str]:
    """An environment in which nothing leads to the installation."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _program(export: Path) -> str:
    """The verifier that an export carries, taken out as its reader would."""
    with tarfile.open(export) as archive:
        member = archive.extractfile("verify.py")
        assert member is not None
        return member.read().decode()
