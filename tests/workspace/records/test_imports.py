"""Files on their way in: all of a file or nothing of it, and each fault named by row, column and what was expected."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest

from safehold.foundation.jobs.selectors import Job, jobs
from safehold.foundation.scope.clock import new_id
from safehold.kernel.errors import Conflict, Denied, NotFound
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.importing.options import ImportOptions

HEADER = "number,name,city,since,rank,pay,email,phone,address,born,illness,boss\n"
GOOD = (
    HEADER
    + "1,Ada,Ghent,2020-01-31 00:00:00.000,senior,5200,ada@shop.example,+45 12345678,Quay 7,1980-05-01,,NULL\n"
    + '2,Bram,"Malmö, Skåne",null,JUNIOR,\\N,,,"Two\nlines",,,1\n'
)


def row(**values: str) -> str:
    """One row of a file, sound but for what is given."""
    sound = {"number": "7", "name": "Gil"}
    return ",".join({**dict.fromkeys(HEADER.strip().split(","), ""), **sound, **values}.values()) + "\n"


def check(people, data, role="owner", **options):
    from safehold.workspace.records import flows

    with people.acting(role) as scope:
        data = data.encode() if isinstance(data, str) else data
        return flows.check_file(scope=scope, collection="people", data=data, options=ImportOptions(**options))


def test_a_good_file_is_stored_whole(people):
    imported = people.load(GOOD)
    assert imported.count == 2
    assert people.names() == ["Ada", "Bram"]
    bram = people.read(by_name(people, "Bram"))
    assert dict(bram.values) == {
        "number": "2",
        "name": "Bram",
        "city": "Malmö, Skåne",
        "rank": "junior",
        "address": "Two\nlines",
        "boss": "1",
    }
    assert people.names(q="lines") == ["Bram"]


def by_name(people, name):
    from safehold.workspace.records import filters, selectors

    with people.acting() as scope:
        return selectors.records(scope, "people", filters.parse([("name", name)])).records[0].id


BAD = [
    # what, file, row and column, what was expected, what was found
    ("missing column", GOOD.replace(",city", "", 1), "column city", "a column for City", "none"),
    ("unknown column", GOOD.replace("city", "town", 1), "row 1, column 3", "the name of a field", "“town”"),
    ("column twice", GOOD.replace("city", "Name", 1), "row 1, column 3", "only one column for name", "“Name”"),
    ("too few cells", HEADER + "1,Ada\n", "row 2", "12 cells, as the header has", "2 cells"),
    ("too many cells", HEADER + row()[:-1] + ",x\n", "row 2", "12 cells, as the header has", "13 cells"),
    ("wrong encoding", GOOD.encode("cp1252"), "row 3, column city", "text in UTF-8", "0xF6"),
    ("1 MB cell", HEADER + row(city="x" * 2**20), "row 2, column city", "at most 100,000 characters", "“xxx"),
    ("NUL byte", HEADER + row(city="a\0b"), "row 2, column city", "text without control characters", "“a�b”"),
    ("no number", HEADER + row(number="seven"), "row 2, column number", "a number such as 1234.5", "“seven”"),
    ("no date", HEADER + row(since="31/01/2020"), "row 2, column since", "a date such as 1948-12-08", "“31/01/2020”"),
    ("a time", HEADER + row(since="2020-01-31 09:30"), "row 2, column since", "no time of day", ""),
    ("no choice", HEADER + row(rank="chief"), "row 2, column rank", "one of junior, senior", "“chief”"),
    ("no e-mail", HEADER + row(email="nobody"), "row 2, column email", "an e-mail address", ""),
    ("nothing required", HEADER + row(name="NULL"), "row 2, column name", "something in Name", "nothing"),
    ("twice in the file", HEADER + row() + row(number="7.0"), "row 3, column number", "row 2 has it too", "“7.0”"),
    (
        "nothing there",
        HEADER + row(boss="99"),
        "row 2, column boss",
        "the Number of a record that is in People",
        "“99”",
    ),
    ("open quote", GOOD + '3,"Cleo', "row 4", "each quote closed", ""),
    ("no rows", HEADER, "row 2", "at least one row", "nothing"),
    ("empty", "", "row 1", "the names of the columns", "nothing"),
]


@pytest.mark.parametrize(
    ("file", "place", "expected", "found"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_bad_files_are_refused_whole(people, file, place, expected, found):
    with pytest.raises(ImportRefused) as refused:
        people.load(file)
    problem = next(problem for problem in refused.value.problems if problem.place == place)
    assert expected in problem.expected
    assert found in problem.found
    assert people.names() == []
    assert people.events("import.rows") == []


@pytest.mark.parametrize("bad", [row(number="x"), row(boss="99"), row(number="1"), "1,Ada\n", '3,"Cleo'])
@pytest.mark.parametrize("size", [1, 4000])
def test_good_rows_before_bad_ones_are_taken_back(people, monkeypatch, bad, size):
    monkeypatch.setattr("safehold.workspace.records.flows.loading.BATCH", size)
    with pytest.raises(ImportRefused) as refused:
        people.load(GOOD + bad)
    assert refused.value.problems[0].place.startswith("row 4")
    assert people.names() == people.names(q="ada") == []
    people.load(GOOD)


def test_a_preview_names_the_same_problems_and_stores_nothing(people):
    people.load(GOOD)
    preview = check(people, HEADER + row(number="1") + row(number="x", since="y"))
    assert {problem.place for problem in preview.problems} == {
        "row 2, column number",
        "row 3, column number",
        "row 3, column since",
    }
    assert people.names() == ["Ada", "Bram"]
    assert len(people.events("import.rows")) == 1


def test_a_preview_shows_the_first_rows_as_they_would_be(people):
    preview = check(people, GOOD + row(number="3", name="Cleo", boss="2"))
    assert (preview.count, preview.problem_count) == (3, 0)
    assert preview.rows[0] == {
        "number": "1",
        "name": "Ada",
        "city": "Ghent",
        "since": "2020-01-31",
        "rank": "senior",
        "pay": "5200",
        "email": "ada@shop.example",
        "phone": "+45 12345678",
        "address": "Quay 7",
        "born": "1980-05-01",
    }
    assert preview.rows[2]["boss"] == "2"
    assert dict(preview.columns)["since"] == "since"
    assert people.names() == []


def test_a_value_that_a_stored_record_has_is_refused(people, ada):
    with pytest.raises(ImportRefused) as refused:
        people.load(HEADER + row() + row(number="1", email="other@shop.example"))
    (problem,) = refused.value.problems
    assert str(problem) == "row 3, column number: expected a value that no other record has, found “1”"
    assert people.names() == ["Ada Holm"]


def test_a_value_held_in_a_department_out_of_reach_is_refused(people):
    people.add({"number": "1", "name": "Wim"}, department=2)
    from safehold.workspace.records import flows

    with people.acting("hr", (1,)) as scope, pytest.raises(ImportRefused):
        options = ImportOptions(department=1)
        flows.import_rows(scope=scope, collection="people", data=(HEADER + row(number="1")).encode(), options=options)


def test_rows_may_point_to_rows_further_down_even_in_another_batch(people, monkeypatch):
    monkeypatch.setattr("safehold.workspace.records.flows.loading.BATCH", 2)
    rows = [row(number=str(n), name=f"P{n}", boss=str(n + 1) if n < 9 else "1") for n in range(1, 10)]
    people.load(HEADER + "".join(rows))
    assert people.names(boss="9.0") == ["P8"]
    assert people.names(boss="1") == ["P9"]
    assert [event["fields"]["count"] for event in people.events("import.rows")] == [2, 2, 2, 2, 1]


def test_problems_in_any_batch_take_all_of_them_back(people, monkeypatch):
    monkeypatch.setattr("safehold.workspace.records.flows.loading.BATCH", 2)
    rows = [row(number=str(n), name=f"P{n}") for n in range(1, 8)]
    with pytest.raises(ImportRefused) as refused:
        people.load(HEADER + "".join(rows) + row(number="3", name="Twin") + row(number="9", since="never"))
    assert [problem.place for problem in refused.value.problems] == ["row 9, column number", "row 10, column since"]
    assert people.names() == []


def test_many_problems_are_counted_and_the_first_are_listed(people):
    with pytest.raises(ImportRefused, match=r"250 problems; nothing of it was stored\. The first 100 are listed\."):
        people.load(HEADER + "".join(row(number=str(n), since="never") for n in range(250)))


def test_blank_rows_are_left_out(people):
    people.load(GOOD + "," * 11 + "\n\n")
    assert people.names() == ["Ada", "Bram"]


def test_columns_may_be_named_otherwise_left_out_or_missing_on_purpose(people):
    people.load(
        "no,who,note\n1,Ada,x\n",
        columns={"no": "number", "who": "name", "note": ""},
        without=("city", "since", "rank", "pay", "email", "phone", "address", "born", "illness", "boss"),
    )
    assert people.names() == ["Ada"]


def test_a_required_field_is_never_left_without(people):
    with pytest.raises(ImportRefused) as refused:
        people.load(GOOD.replace(",name", ",nom"), columns={"nom": ""}, without=("name",))
    assert "which is required" in refused.value.problems[0].expected


def test_labels_name_columns_too(people):
    people.load(GOOD.replace("number,name", "NUMBER,Name", 1))
    assert people.names() == ["Ada", "Bram"]


def test_departments_by_option_and_by_column(people):
    people.load(GOOD, department=1)
    people.load(HEADER.strip() + ",_department\n" + row(number="8", name="Wim").strip() + ",2\n")
    assert people.names("manager", (1,)) == ["Ada", "Bram"]
    assert people.names("manager", (2,)) == ["Wim"]
    with pytest.raises(ImportRefused) as refused:
        people.load(HEADER.strip() + ",_department\n" + row(number="9").strip() + ",7\n")
    assert refused.value.problems[0].expected == "the number of a department that you reach"


def test_who_may_not_read_a_field_does_not_import_it(people):
    with pytest.raises(Denied):
        people.load(GOOD, role="viewer")
    with pytest.raises(ImportRefused) as refused:
        people.load(GOOD, role="manager")
    assert {problem.found for problem in refused.value.problems} == {
        "“email”",
        "“phone”",
        "“address”",
        "“born”",
        "“illness”",
    }
    people.load("number,name,city,since,rank,pay,boss\n1,Ada,Ghent,,,5200,\n", role="manager")


def test_an_import_leaves_an_event_a_batch_and_one_for_the_file(people):
    imported = people.load(GOOD)
    (rows,) = people.events("import.rows", on=f"import:{imported.id}")
    (finished,) = people.events("import.finished")
    assert (rows["fields"]["collection"], rows["fields"]["count"]) == ("people", 2)
    assert {rows["fields"]["first"], rows["fields"]["last"]} == {str(by_name(people, name)) for name in ("Ada", "Bram")}
    assert finished["fields"]["digest"] == hashlib.sha256(bytes.fromhex(rows["fields"]["digest"])).hexdigest()
    assert "Quay" not in str(people.events())


def test_progress_is_told(people, monkeypatch):
    from safehold.workspace.records import flows

    monkeypatch.setattr("safehold.workspace.records.flows.loading.BATCH", 1)
    told = []
    with people.acting() as scope:
        flows.import_rows(
            scope=scope,
            collection="people",
            data=HEADER.encode() + row(number="1").encode() + row(number="2").encode(),
            options=ImportOptions(),
            progress=lambda done, total: told.append((done, total)),
        )
    assert told == [(1, 2), (2, 2)]


class TestKeptFiles:
    """Between the preview and the worker a file is kept, sealed."""

    def keep(self, people, data=GOOD, scope=None):
        from safehold.foundation.scope.transaction import scoped
        from safehold.workspace.records import flows

        with scoped(scope or people.owner) as acting:
            return flows.keep_file(
                scope=acting, collection="people", filename="p.csv", data=data.encode(), options=ImportOptions()
            )

    def view(self, people, import_id, scope=None):
        from safehold.foundation.scope.transaction import scoped
        from safehold.workspace.records import selectors

        with scoped(scope or people.owner) as acting:
            return selectors.import_view(acting, import_id)

    def run(self, people, import_id):
        from safehold.workspace.records.jobs import run_import

        context = SimpleNamespace(job=SimpleNamespace(attempts=0))
        run_import.func(context, tenant=str(people.tenant.id), import_id=str(import_id))

    def test_the_file_lies_sealed_and_goes_when_it_is_imported(self, people):
        from safehold.workspace.records.models import Import

        import_id = self.keep(people)
        with people.acting():
            kept = bytes(Import.objects.get(tenant_id=people.tenant.id, id=import_id).file)
        assert b"Quay" not in kept
        self.queue(people, import_id)
        self.run(people, import_id)
        with people.acting():
            assert Import.objects.get(tenant_id=people.tenant.id, id=import_id).file is None
        view = self.view(people, import_id)
        assert (view.state, view.done, view.total, view.percent) == ("done", 2, 2, 100)
        assert people.names() == ["Ada", "Bram"]

    def queue(self, people, import_id, scope=None):
        from safehold.foundation.scope.transaction import scoped
        from safehold.workspace.records import flows

        with scoped(scope or people.owner) as acting:
            flows.queue_import(scope=acting, import_id=import_id)

    def test_a_queued_import_is_a_job_with_ids_only(self, people):
        import_id = self.keep(people)
        self.queue(people, import_id)
        with people.acting() as scope:
            (job,) = [job for job in jobs(scope) if job.ids["import_id"] == import_id]
        assert job == Job("records.import", {"import_id": import_id}, people.owner.account_id, "todo")
        assert self.view(people, import_id).state == "waiting"

    def test_done_twice_is_done_once(self, people):
        import_id = self.keep(people)
        self.queue(people, import_id)
        self.run(people, import_id)
        self.run(people, import_id)
        assert people.names() == ["Ada", "Bram"]

    def test_a_refused_file_keeps_its_problems_for_its_sender(self, people):
        import_id = self.keep(people, HEADER + row(since="never"))
        self.queue(people, import_id)
        self.run(people, import_id)
        view = self.view(people, import_id)
        assert view.state == "failed"
        assert [str(problem) for problem in view.problems] == [
            "row 2, column since: expected a date such as 1948-12-08, with no time of day, found “never”"
        ]
        with people.acting("hr") as other:
            from safehold.workspace.records import selectors

            assert selectors.import_view(other, import_id).problems == ()
        (event,) = people.events("import.failed")
        assert event["fields"] == {"collection": "people", "problems": 1}
        assert people.names() == []

    def test_the_worker_acts_for_the_sender_with_their_present_rights(self, people):
        from factories import make_member
        from safehold.foundation.scope.transaction import scoped
        from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy

        member = make_member(people.tenant, "hr")
        with scoped(people.owner):
            sender = tenancy.scope_of_member(scope=people.owner, member_id=member.id)
        import_id = self.keep(people, scope=sender)
        self.queue(people, import_id, sender)
        with scoped(people.owner) as owner:
            tenancy_flows.change_member(scope=owner, member_id=member.id, role="manager")
        self.run(people, import_id)
        assert self.view(people, import_id).state == "failed"
        assert people.names() == []

    def test_somebody_who_left_imports_nothing(self, people):
        from factories import make_member
        from safehold.foundation.scope.transaction import scoped
        from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy

        member = make_member(people.tenant, "hr")
        with scoped(people.owner):
            sender = tenancy.scope_of_member(scope=people.owner, member_id=member.id)
        import_id = self.keep(people, scope=sender)
        self.queue(people, import_id, sender)
        with scoped(people.owner) as owner:
            tenancy_flows.remove_member(scope=owner, member_id=member.id)
        self.run(people, import_id)
        assert self.view(people, import_id).state == "failed"

    def member(self, people, role="hr"):
        from factories import make_member
        from safehold.foundation.scope.transaction import scoped
        from safehold.foundation.tenancy import selectors as tenancy

        member = make_member(people.tenant, role)
        with scoped(people.owner):
            return tenancy.scope_of_member(scope=people.owner, member_id=member.id)

    @pytest.mark.parametrize("queued", [False, True])
    @pytest.mark.parametrize("change", ["another role", "left", "account closed"])
    def test_what_somebody_began_ends_with_their_rights_and_in_that_transaction(self, people, queued, change):
        from safehold.foundation.scope.transaction import scoped
        from safehold.foundation.tenancy import flows as tenancy_flows
        from safehold.workspace.records.models import Import
        from safehold.workspace.records.receivers import _closed

        sender, colleague = self.member(people), self.member(people)
        import_id, other = self.keep(people, scope=sender), self.keep(people, scope=colleague)
        if queued:
            self.queue(people, import_id, sender)
        with pytest.raises(RuntimeError), scoped(people.owner) as owner:
            tenancy_flows.remove_member(scope=owner, member_id=sender.member_id)
            raise RuntimeError
        assert self.view(people, import_id).state == ("waiting" if queued else "checked")
        with scoped(people.owner) as owner:
            if change == "another role":
                tenancy_flows.change_member(scope=owner, member_id=sender.member_id, role="manager")
            elif change == "left":
                tenancy_flows.remove_member(scope=owner, member_id=sender.member_id)
            else:
                _closed(inside=[sender])
            row = Import.objects.get(tenant_id=people.tenant.id, id=import_id)
            assert (row.state, row.file) == ("failed", None)
        assert self.view(people, other).state == "checked"
        self.run(people, import_id)
        assert people.names() == []
        assert len(people.events("import.failed")) == 1

    def test_an_import_that_runs_stores_nothing_once_its_senders_rights_are_gone(self, people, monkeypatch):
        from safehold.foundation.scope.transaction import scoped
        from safehold.foundation.tenancy import flows as tenancy_flows
        from safehold.workspace.records import flows, jobs

        monkeypatch.setattr("safehold.workspace.records.jobs._TELL_EVERY", 0)
        sender = self.member(people)
        import_id = self.keep(people, scope=sender)
        self.queue(people, import_id, sender)
        note = flows.note_progress

        def leave(**said):
            note(**said)
            with scoped(people.owner) as owner:
                tenancy_flows.remove_member(scope=owner, member_id=sender.member_id)

        monkeypatch.setattr(jobs.flows, "note_progress", leave)
        self.run(people, import_id)
        assert self.view(people, import_id).state == "failed"
        assert people.names() == []

    def test_progress_is_seen_before_the_import_is_done(self, people, monkeypatch):
        seen = []
        monkeypatch.setattr("safehold.workspace.records.flows.loading.BATCH", 1)
        monkeypatch.setattr("safehold.workspace.records.jobs._TELL_EVERY", 0)
        import_id = self.keep(people)
        self.queue(people, import_id)
        from safehold.workspace.records import flows, jobs

        note = flows.note_progress

        def spy(**said):
            note(**said)
            seen.append((said["done"], said["total"]))

        monkeypatch.setattr(jobs.flows, "note_progress", spy)
        self.run(people, import_id)
        assert seen[0][0] == 1
        assert self.view(people, import_id).state == "done"

    def test_a_file_that_is_not_wanted_is_forgotten(self, people):
        from safehold.workspace.records import flows, selectors

        import_id = self.keep(people)
        with people.acting() as scope:
            flows.discard_import(scope=scope, import_id=import_id)
            with pytest.raises(NotFound):
                selectors.import_file(scope, import_id)
            with pytest.raises(Conflict):
                flows.queue_import(scope=scope, import_id=import_id)

    def test_options_change_until_it_is_queued(self, people):
        from safehold.workspace.records import flows

        import_id = self.keep(people, GOOD.replace("name", "who", 1))
        with people.acting() as scope:
            flows.change_options(scope=scope, import_id=import_id, options=ImportOptions(columns={"who": "name"}))
        self.queue(people, import_id)
        self.run(people, import_id)
        assert people.names() == ["Ada", "Bram"]

    def test_another_tenants_import_is_not_there(self, make_people, people):
        import_id = self.keep(people)
        with pytest.raises(NotFound):
            self.view(make_people(), import_id)
        with pytest.raises(NotFound):
            self.view(people, new_id())


def test_the_log_names_the_file_by_a_digest_that_who_has_it_can_make_again(people):
    from safehold.workspace.records import flows

    imported = people.load(GOOD)
    (finished,) = people.events("import.finished")
    with people.acting() as scope:
        assert flows.file_digest(scope=scope, data=GOOD.encode()) == imported.file == finished["fields"]["file"]
        assert flows.file_digest(scope=scope, data=GOOD.encode() + b"\n") != imported.file
    assert hashlib.sha256(GOOD.encode()).hexdigest() not in str(people.events())  # it could be guessed back
    with people.acting("viewer") as scope, pytest.raises(Denied):
        flows.file_digest(scope=scope, data=b"")


def test_another_workspace_has_another_digest_of_the_same_file(people):
    from factories import make_tenant, system
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows

    with people.acting() as scope:
        here = flows.file_digest(scope=scope, data=GOOD.encode())
    with scoped(system(make_tenant())) as scope:
        assert flows.file_digest(scope=scope, data=GOOD.encode()) != here


def test_a_row_gets_an_entry_of_its_own_where_the_workspace_asks_for_it(people, monkeypatch):
    from safehold.workspace.records import flows, selectors

    monkeypatch.setattr("safehold.workspace.records.flows.imports.ROWS_TOLD", 1)
    with people.acting() as scope:
        assert not selectors.entry_a_row(scope)
        flows.choose_entries(scope=scope, each_row=True)
        flows.choose_entries(scope=scope, each_row=True)
    (chosen,) = people.events("import.entries-chosen")
    assert chosen["fields"] == {"each_row": True}
    imported = people.load(GOOD)
    ids = {str(by_name(people, name)) for name in ("Ada", "Bram")}
    told = [event for one in ids for event in people.events("record.imported", on=f"record:{one}")]
    assert [event["fields"] for event in told] == [{"collection": "people", "file": imported.file}] * 2
    assert len(people.events("record.imported")) == 2
    assert len(people.events("import.rows")) == 1
    with people.acting() as scope:
        flows.choose_entries(scope=scope, each_row=False)
    people.load(HEADER + row(number="9"))
    assert len(people.events("record.imported")) == 2
    with people.acting("manager") as scope, pytest.raises(Denied):
        flows.choose_entries(scope=scope, each_row=True)


def test_rows_of_a_refused_file_leave_no_entries(people):
    from safehold.workspace.records import flows

    with people.acting() as scope:
        flows.choose_entries(scope=scope, each_row=True)
    with pytest.raises(ImportRefused):
        people.load(GOOD + row(number="1"))
    assert people.events("record.imported") == []


def test_the_page_of_an_import_lets_owners_choose_entries_for_each_row(people):
    from support.visitors import Visitor, plain

    owner, manager = Visitor(people.tenant, "owner"), Visitor(people.tenant, "manager")
    assert "An entry for each row, please" in plain(owner.get("collections/people/import/"))
    assert owner.post("collections/people/import/entries/", {"each_row": "yes"}).status_code == 302
    page = plain(owner.get("collections/people/import/"))
    assert "leaves an entry of its own" in page
    assert "Owners and admins can change this." in plain(manager.get("collections/people/import/"))
    assert manager.post("collections/people/import/entries/", {"each_row": "no"}).status_code == 403
    assert owner.post("collections/people/import/entries/", {"each_row": "no"}).status_code == 302
    assert people.events("import.entries-chosen")
