"""What members do all day, in a real browser: lists, records, imports, the activity."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from support import northwind

pytestmark = [pytest.mark.slow, pytest.mark.browser]

EMPLOYEES = "/t/nordhavn/collections/employees/"


def rows(page):
    return page.locator("tbody tr")


def nothing_new(route) -> None:
    """The page that shows an import asks again and again; it stands still while it is looked at."""
    if "hx-request" in route.request.headers:
        route.fulfill(status=204)
    else:
        route.continue_()


class TestRecords:
    def test_a_list_is_searched_sorted_and_filtered_in_its_address(self, owner):
        page = owner.open(EMPLOYEES)
        assert rows(page).count() >= 24
        owner.look_over("records", "records")
        page.get_by_role("searchbox").fill("Roaster")
        page.get_by_role("searchbox").press("Enter")
        expect(page).to_have_url(re.compile("q=Roaster"))
        page.wait_for_load_state()
        assert 0 < rows(page).count() < 24
        owner.open(EMPLOYEES + "?sort=-name")
        names = page.locator("tbody td[data-label=Name]").all_inner_texts()
        assert names == sorted(names, reverse=True)
        page.locator("summary", has_text="Filter").click()
        page.get_by_label("Field").select_option("city")
        page.get_by_label("Comparison").select_option("is")
        page.get_by_label("Value").fill("Graz")
        owner.look_over("filter")
        page.get_by_role("button", name="Add the filter").click()
        expect(page.get_by_role("link", name="City is Graz")).to_be_visible()
        owner.look_over("filtered")
        assert set(page.locator("tbody td[data-label=City]").all_inner_texts()) == {"Graz"}
        assert "city=Graz" in page.url
        assert "sort=-name" in page.url
        page.get_by_role("link", name="City is Graz").click()
        expect(page.get_by_role("link", name="City is Graz")).to_be_hidden()
        page.wait_for_load_state()
        assert rows(page).count() >= 24
        owner.open(EMPLOYEES + "?q=nobodyhere")
        expect(page.get_by_text("No employee fits what was asked.")).to_be_visible()
        owner.look_over("empty")
        owner.open(EMPLOYEES + "?salary__gte=3", status=422)
        expect(page.get_by_text("This list can't be shown as asked.")).to_be_visible()
        owner.look_over("impossible")

    def test_a_record_shows_its_values_their_classes_and_its_history(self, owner):
        page = owner.open(EMPLOYEES)
        rows(page).nth(3).get_by_role("link").first.click()
        expect(page.get_by_text("Sensitive")).to_be_visible()
        expect(page.get_by_text("Personal", exact=True)).to_have_count(3)
        owner.look_over("record", "record")
        page.get_by_role("link", name="History").click()
        expect(page.get_by_text("Imported")).to_be_visible()
        owner.look_over("history")

    def test_a_wrong_value_is_explained_mended_and_stored_and_a_mistake_undone(self, owner, looks):
        number = f"Z-{looks[0].name}"
        page = owner.open(EMPLOYEES)
        page.get_by_role("link", name="New employee").click()
        page.get_by_label("Number").fill(number)
        page.get_by_label("Name").fill("Zoë Test")
        page.get_by_label("Salary").fill("a lot")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".form-problems")).to_be_focused()
        expect(page.locator(".form-problems")).to_contain_text("a number such as 1234.5")
        expect(page.get_by_label("Salary")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Name")).to_have_value("Zoë Test")
        owner.look_over("record-wrong")
        page.locator(".form-problems").get_by_role("link", name="Salary").click()
        expect(page.get_by_label("Salary")).to_be_focused()
        page.get_by_label("Salary").fill("41000")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Test")
        expect(page.get_by_role("status").filter(has_text="Zoë Test is added.")).to_be_visible()
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("City").fill("Aarhus")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").filter(has_text="The record is saved.")).to_be_visible()
        page.get_by_role("link", name="History").click()
        expect(page.get_by_text("Aarhus")).to_be_visible()
        owner.look_over("history-changed")
        page.get_by_role("link", name="Record", exact=True).click()
        page.get_by_role("button", name="Delete").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        owner.look_over("delete")
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("status").filter(has_text="is in the trash")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("status").filter(has_text="is restored")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Test")

    def test_who_may_not_see_a_class_has_no_such_column(self, as_person):
        with as_person("hr") as visit:
            page = visit.open(EMPLOYEES + "?columns=name&columns=salary")
            expect(page.locator("thead")).to_contain_text("Salary")
        with as_person("viewer") as visit:
            page = visit.open(EMPLOYEES)
            assert "Salary" not in page.content()
            assert "Home phone" not in page.content()
            assert page.get_by_role("link", name="New employee").count() == 0
            visit.look_over("records-viewer")
            visit.open(EMPLOYEES + "new/", status=403)
            visit.look_over("denied")


class TestImport:
    def test_a_file_is_looked_at_mapped_imported_and_exported_again(self, owner, looks):
        label = f"Customers {looks[0].name}"
        page = owner.open("/t/nordhavn/collections/")
        page.get_by_role("link", name=re.compile("from a file|Import")).first.click()
        page.get_by_label("Name of the new collection").fill(label)
        page.get_by_label("CSV file").set_input_files(northwind.folder() / "customers.csv")
        owner.look_over("upload")
        page.get_by_role("button", name="Upload and look at it").click()
        expect(page.get_by_text("This file can be imported")).to_be_visible()
        expect(page.get_by_text("Some cells were put together")).to_be_visible()
        owner.look_over("preview", "import")
        page.get_by_label("fax").select_option("")
        page.get_by_role("button", name="Use these columns").click()
        expect(page.get_by_label("fax")).to_have_value("")
        page.route("**/imports/*/", nothing_new)
        page.get_by_role("button", name="Import 91 rows").click()
        expect(page.get_by_role("progressbar").or_(page.get_by_text("Imported", exact=True))).to_be_visible()
        owner.look_over("importing")
        page.unroute("**/imports/*/")
        expect(page.get_by_text(f"91 records of customers.csv stand in {label} now.")).to_be_visible()
        owner.look_over("imported")
        page.get_by_role("link", name=f"Show {label}").click()
        with page.expect_download() as started:
            page.get_by_role("link", name="Export").click()
        text = started.value.path().read_text()
        exported = list(csv.DictReader(io.StringIO(text, newline="")))
        wanted = northwind.expected(next(file for file in northwind.FILES if file.name == "customers.csv"))
        assert exported == [row | {"fax": ""} for row in wanted]

    def test_a_bad_file_says_what_is_wrong_and_where(self, owner, tmp_path):
        path = tmp_path / "staff.csv"
        path.write_text("number,name\nY1,Fine\nE001,Twice\n")
        page = owner.open(EMPLOYEES + "import/")
        page.get_by_label("CSV file").set_input_files(path)
        page.get_by_role("button", name="Upload and look at it").click()
        expect(page.get_by_text("a column for Salary")).to_be_visible()
        page.get_by_role("button", name="Use these columns").click()
        expect(page.get_by_text("row 3, column number: expected a value that no other record has")).to_be_visible()
        assert page.get_by_role("button", name=re.compile("^Import ")).count() == 0
        owner.look_over("preview-wrong")
        page.get_by_role("button", name="Forget the file").click()
        expect(page.get_by_role("status").filter(has_text="staff.csv is forgotten")).to_be_visible()


class TestActivity:
    def test_it_is_filtered_verified_and_exported(self, owner, demo, tmp_path):
        page = owner.open("/t/nordhavn/activity/")
        page.get_by_label("Security only").check()
        page.get_by_role("button", name="Apply").click()
        expect(page).to_have_url(re.compile("security=on"))
        expect(page.get_by_label("Security only")).to_be_checked()
        owner.look_over("activity-security")
        assert rows(page).count() >= 1
        expect(rows(page).filter(has_text="Security")).to_have_count(rows(page).count())
        owner.open("/t/nordhavn/activity/")
        page.get_by_role("link", name="Verify this page").click()
        expect(page.get_by_text("Every event on this page is what was written")).to_be_visible()
        owner.look_over("activity", "activity")
        rows(page).first.get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Its place in the log")).to_be_visible()
        owner.look_over("event")
        page.go_back()
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as started:
            page.get_by_role("button", name="The whole log, provable").click()
        target = tmp_path / "log.safehold-audit"
        started.value.save_as(target)
        key = demo.runner.home / "anchors" / "checkpoint.pub"
        command = [sys.executable, "-P", "-m", "safehold", "verify", str(target), "--key", str(key)]
        done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_home_page_leads_everywhere(owner, looks):
    page = owner.open("/t/nordhavn/")
    owner.look_over("home-owner", "home")
    if looks[0].name == "phone":
        page.get_by_role("button", name="Menu").click()
        expect(page.get_by_role("navigation", name="Workspace")).to_be_visible()
    sidebar = page.get_by_role("navigation", name="Workspace")
    for link in sidebar.get_by_role("link").all():
        expect(link).to_be_visible()
    sidebar.get_by_role("link", name="Members").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Members")
