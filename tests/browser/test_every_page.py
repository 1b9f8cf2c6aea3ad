"""Every page there is: for everybody who uses it, in both themes, on a phone, and without a script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from support.browsers import LOOKS, NO_SCRIPT
from support.installations import eventually
from support.pages import faults

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PUBLIC = ("/", "/trust/", "/trust/ISO-1/", "/trust/PRV-1/", "/trust/?state=kept", "/account/sign-in/", "/ui/")
PUBLIC += ("/account/password/reset/", "/account/sign-up/")
REFUSED = (("/no-such-page/", 404), ("/account/invitation/", 404))
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/fields/)[^/]+|(?<=/collections/)[^/]+|(?<=/trust/)[^/]+")
LINKS = re.compile(r'href="(/(?:t/nordhavn|account)/[^"?#]*)"')
DOWNLOADS = (".csv", ".jsonl", "/proof/")
FORMS_WITHOUT_A_BUTTON = "form:not(:has(button:not([type=button]), input[type=submit]))"


@dataclass
class Crawl:
    """One address of each kind of page that links lead to, and what was wrong with the pages without a script."""

    visit: object
    found: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def follow(self, *begin: str) -> None:
        waiting = list(begin)
        while waiting:
            path = waiting.pop(0)
            if (kind := IDS.sub("*", path)) not in self.found:
                self.found[kind] = path
                waiting += [link for link in self._open(path) if not link.endswith(DOWNLOADS)]

    def _open(self, path: str) -> list[str]:
        page = self.visit.open(path)
        if not page.get_by_role("heading", level=1).is_visible():
            self.wrong.append(f"{path}: no heading is seen")
        if page.locator(FORMS_WITHOUT_A_BUTTON).count():
            self.wrong.append(f"{path}: a form has no button")
        text = page.content()
        self.wrong += [f"{path}: {fault}" for fault in faults(text)]
        return LINKS.findall(text)


@pytest.fixture(scope="module")
def crawl(browsing) -> Crawl:
    """Every kind of page that an owner can get to, opened once by a browser without a script."""
    with browsing.visit(NO_SCRIPT, browsing.demo.person("owner")) as visit:
        crawl = Crawl(visit)
        crawl.follow("/t/nordhavn/", "/account/")
        return crawl


def test_every_page_opens_without_a_script_and_every_form_has_its_button(crawl):
    assert len(crawl.found) >= 25, crawl.found
    assert not crawl.wrong, "\n".join(crawl.wrong)


def test_visitors_pages_are_for_everybody_in_every_look(browsing):
    with browsing.visit(LOOKS) as visit:
        for path in PUBLIC:
            visit.open(path)
            visit.look_over()
        for path, status in REFUSED:
            visit.open(path, status=status)
            visit.look_over()


def test_members_pages_are_for_everybody_in_every_look(browsing, crawl):
    with browsing.visit(LOOKS, browsing.demo.person("owner")) as visit:
        for path in crawl.found.values():
            visit.open(path)
            visit.look_over()


def test_open_menus_and_dialogs_are_for_everybody(owner, looks):
    page = owner.open("/t/nordhavn/collections/employees/")
    for menu in page.locator("details.menu:visible > summary").all():
        menu.click()
        owner.look_over()
        page.keyboard.press("Escape")
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    owner.look_over()
    if looks[0].name == "phone":
        owner.open("/t/nordhavn/")
        page.get_by_role("button", name="Menu").click()
        expect(page.get_by_role("navigation", name="Workspace")).to_be_visible()
        owner.look_over("menu")


def test_forms_with_problems_are_for_everybody(owner):
    page = owner.open("/t/nordhavn/collections/employees/new/")
    page.locator("form").last.evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".form-problems")).to_be_visible()
    owner.look_over()


def test_without_a_script_somebody_signs_in_searches_imports_and_chooses_a_theme(browsing, tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("code,town\n1,Ribe\n2,Tønder\n")
    with browsing.visit(NO_SCRIPT) as visit:
        page = visit.page
        browsing.sign_in(visit, browsing.demo.person("admin", "birchvale"))
        search_and_filter(visit)
        visit.open("/t/birchvale/new-import/")
        page.get_by_label("Name of the new collection").fill("Towns")
        page.get_by_label("CSV file").set_input_files(path)
        page.get_by_role("button", name="Upload and look at it").click()
        page.get_by_role("button", name="Import 2 rows").click()
        wait_for_the_import(page)
        page.get_by_role("link", name="Show Towns").click()
        expect(page.get_by_text("Tønder")).to_be_visible()
        page.locator("tbody th a").first.click()
        page.get_by_role("button", name="Delete").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("is restored")).to_be_visible()
        page.locator("summary", has_text="Abel").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def search_and_filter(visit) -> None:
    page = visit.open("/t/birchvale/collections/employees/")
    page.get_by_role("searchbox").fill("E003")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).not_to_have_count(1)
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Value").fill("E001")
    page.get_by_role("button", name="Add the filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def wait_for_the_import(page) -> None:
    """Look again and again, as the page offers to."""
    done = page.get_by_role("link", name="Show Towns")
    again = page.get_by_role("link", name="Look again")

    def is_done() -> bool:
        expect(done.or_(again)).to_be_visible()
        if again.is_visible():
            again.click()
        return done.is_visible()

    eventually(is_done)


def test_nothing_moves_for_who_asked_for_that(browsing):
    moving = """[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
        return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0; }).length"""
    with browsing.visit(who=browsing.demo.person("owner")) as visit:
        page = visit.open("/t/nordhavn/collections/employees/")
        assert page.evaluate(moving) == 0
        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(moving) > 0
