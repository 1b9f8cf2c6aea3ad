"""Every page there is: for everybody who uses it, in both themes, on a phone, and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browsers import LOOKS, Look
from support.pages import faults

pytestmark = [pytest.mark.slow, pytest.mark.browser]

NO_SCRIPT = Look("no-script", 1280, 800, "light", script=False)
PUBLIC = ("/", "/trust/", "/trust/ISO-1/", "/trust/PRV-1/", "/trust/?state=kept", "/account/sign-in/", "/ui/")
PUBLIC += ("/account/password/reset/", "/account/sign-up/")
REFUSED = (("/no-such-page/", 404), ("/account/invitation/", 404))
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/fields/)[^/]+|(?<=/collections/)[^/]+|(?<=/trust/)[^/]+")


def addresses(visit, *begin: str) -> list[str]:
    """One address of each kind that links lead to from there, in a workspace or an account."""
    found: dict[str, str] = {}
    waiting = list(begin)
    while waiting:
        path = waiting.pop(0)
        if (kind := IDS.sub("*", path)) in found:
            continue
        answer = visit.page.goto(visit.demo.url + path)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        found[kind] = path
        links = re.findall(r'href="(/(?:t/nordhavn|account)/[^"?#]*)"', visit.page.content())
        waiting += [link for link in links if not link.endswith(".csv")]
    return list(found.values())


@pytest.fixture(scope="module")
def pages(browsing) -> list[str]:
    """Every kind of page that an owner can get to."""
    with browsing.visit(NO_SCRIPT, browsing.demo.person("owner")) as visit:
        found = addresses(visit, "/t/nordhavn/", "/account/")
    assert len(found) >= 25, found
    return found


def look_at(visit, path: str) -> None:
    visit.page.goto(visit.demo.url + path)
    visit.look_over()
    visit.accessible()
    visit.faults += [f"{path}: {fault}" for fault in faults(visit.page.content())]


def test_visitors_pages_are_for_everybody(visitor):
    for path in PUBLIC:
        look_at(visitor, path)
    for path, status in REFUSED:
        visitor.open(path, status=status)
        visitor.accessible()


def test_members_pages_are_for_everybody(owner, pages):
    for path in pages:
        look_at(owner, path)


def test_open_menus_and_dialogs_are_for_everybody(owner, look):
    page = owner.open("/t/nordhavn/collections/employees/")
    for menu in page.locator("details.menu:visible > summary").all():
        menu.click()
        owner.look_over()
        owner.accessible()
        page.keyboard.press("Escape")
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Delete").first.click()
    owner.look_over()
    owner.accessible()
    if look.name == "phone":
        owner.open("/t/nordhavn/")
        page.get_by_role("button", name="Menu").click()
        owner.accessible()


def test_forms_with_problems_are_for_everybody(owner):
    page = owner.open("/t/nordhavn/collections/employees/new/")
    page.locator("form").last.evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".form-problems")).to_be_visible()
    owner.accessible()


class TestWithoutAScript:
    def test_every_page_opens_and_every_form_has_its_button(self, browsing, pages):
        with browsing.visit(NO_SCRIPT, browsing.demo.person("owner")) as visit:
            for path in pages:
                page = visit.open(path)
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                for form in page.locator("form").all():
                    buttons = form.locator("button:not([type=button]), input[type=submit]")
                    assert buttons.count() >= 1, f"{path}: {form.evaluate('f => f.outerHTML')[:300]}"

    def test_somebody_signs_in_searches_imports_and_chooses_a_theme(self, browsing, tmp_path):
        path = tmp_path / "towns.csv"
        path.write_text("code,town\n1,Ribe\n2,Tønder\n")
        with browsing.visit(NO_SCRIPT) as visit:
            page = visit.page
            browsing.sign_in(visit, browsing.demo.person("admin"))
            visit.open("/t/nordhavn/collections/employees/")
            page.get_by_role("searchbox").fill("Fitter")
            page.get_by_role("button", name="Search").click()
            assert 0 < page.locator("tbody tr").count() < 24
            page.locator("summary", has_text="Filter").click()
            page.get_by_label("Value").fill("E001")
            page.get_by_role("button", name="Add the filter").click()
            visit.open("/t/nordhavn/new-import/")
            page.get_by_label("Name of the new collection").fill("Towns")
            page.get_by_label("CSV file").set_input_files(path)
            page.get_by_role("button", name="Upload and look at it").click()
            page.get_by_role("button", name="Import 2 rows").click()
            for _ in range(60):
                if page.get_by_text("2 records of towns.csv stand in Towns now.").count():
                    break
                page.wait_for_timeout(500)
                page.reload()
            page.get_by_role("link", name="Show Towns").click()
            expect(page.get_by_text("Tønder")).to_be_visible()
            page.get_by_role("link", name="Ribe").or_(page.get_by_role("link", name="1", exact=True)).first.click()
            page.get_by_role("button", name="Delete").first.click()
            page.get_by_role("dialog").get_by_role("button", name="Delete").click()
            page.get_by_role("button", name="Undo").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Ribe")
            page.locator("summary", has_text="Aksel").click()
            page.get_by_role("button", name="Dark").click()
            expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_nothing_moves_for_who_asked_for_that(browsing):
    with browsing.visit(LOOKS[0], browsing.demo.person("owner")) as visit:
        visit.page.emulate_media(reduced_motion="reduce")
        visit.open("/t/nordhavn/collections/employees/")
        moving = visit.page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);"
            " return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0; }).length"
        )
        assert moving == 0
