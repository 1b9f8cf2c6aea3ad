"""Who comes to the door: visitors, owners with their second factor, people who were invited."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from safehold.foundation.identity import totp
from support.browsers import DESKTOP, PHONE

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PASSWORD = "seven herons over a lake"


def test_a_visitor_reads_the_promises_and_the_proof_of_one(visitor):
    page = visitor.open("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trust").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What we promise, and whether it holds")
    visitor.look_over("trust", "trust")
    page.get_by_role("link", name=re.compile(r"^Kept \d")).click()
    expect(page).to_have_url(re.compile("state=kept"))
    page.get_by_role("link", name=re.compile("ISO-1")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Every row belongs to one tenant")
    page.locator("summary", has_text="What was looked at").first.click()
    expect(page.locator("pre").first).to_be_visible()
    visitor.look_over("promise")
    assert page.request.get(f"{visitor.demo.url}/trust/ISO-1.json", ignore_https_errors=True).ok
    visitor.open("/no-such-page/", status=404)
    visitor.look_over("not-found")


def test_the_theme_is_chosen_and_stays(visitor):
    page = visitor.open("/trust/")
    page.locator("header summary").click()
    page.get_by_role("button", name="Dark").click()
    for _ in range(2):
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 120, dark
        page.reload()


@pytest.mark.parametrize(
    ("looks", "role"), [(DESKTOP, "owner"), (PHONE, "viewer")], indirect=["looks"], ids=["desktop", "phone"]
)
def test_members_sign_in_and_owners_with_a_code_too(browsing, visitor, role):
    person = browsing.demo.person(role, "birchvale")
    page = visitor.open("/account/sign-in/")
    visitor.look_over("sign-in")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".form-problems")).to_be_focused()
    visitor.look_over("sign-in-wrong")
    browsing.sign_in(visitor, person)
    expect(page.get_by_role("heading", level=1)).to_have_text("Birch & Vale Instruments")
    assert "/t/birchvale/" in page.url
    visitor.look_over("home")


@pytest.fixture
def invited(demo, looks):
    """The link of an invitation to be an admin, out of its mail. The address is too long for a line on a phone."""
    email = f"maximilianalexanderfriedrich.{looks[0].name}@subsidiary.example.com"
    done = demo.runner.safehold("member", "invite", "nordhavn", email, "--role", "admin")
    assert done.returncode == 0, done.stderr
    mails = sorted((demo.runner.home / "mail").iterdir(), key=lambda file: file.stat().st_mtime)
    (text,) = [text for text in (mail.read_text() for mail in mails) if email in text]
    link = re.search(r"https://\S+/account/invitation/\S+", text.replace("=\n", ""))
    assert link is not None, text
    return link[0]


def test_a_new_admin_gets_nowhere_before_the_second_factor_is_set_up(visitor, invited):
    page = visitor.page
    page.goto(invited)
    visitor.look_over("invitation")
    assert invited.rsplit("/", 2)[1] not in page.url, "the secret stays in the address"
    page.get_by_label("Your name").fill("Newcomer Test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    for path in ("/t/nordhavn/", "/t/nordhavn/collections/employees/", "/account/sessions/"):
        visitor.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    page.locator("summary", has_text="I can't scan it").click()
    visitor.look_over("enrolment")
    seed = "".join(page.locator(".more code, .more input").first.evaluate("e => e.value || e.textContent").split())
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".form-problems")).to_be_visible()
    page.get_by_label("Code").fill(totp.code_at(seed, totp.step_of(time.time())))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    assert page.locator(".plain-list code").count() == 10
    visitor.look_over("recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Your recovery codes")
    visitor.open("/t/nordhavn/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nordhavn Coffee Roasters")


def test_keys_alone_are_enough_to_sign_in_and_look_around(browsing):
    """No pointer: every step is a key, and the place of the focus is always seen."""
    person = browsing.demo.person("admin")
    with browsing.visit() as visit:
        page = visit.open("/account/sign-in/?next=/t/nordhavn/collections/employees/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        tab_to(visit, "input[name=login]")
        page.keyboard.type(person.email)
        tab_to(visit, "input[name=password]")
        page.keyboard.type(person.password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in/code/**")
        if not page.evaluate("document.activeElement.name === 'code'"):
            tab_to(visit, "input[name=code]")
        page.keyboard.type(browsing.code(person))
        page.keyboard.press("Enter")
        page.wait_for_url("**/collections/employees/")
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("Roaster")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=Roaster**")
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()
        tab_to(visit, "tbody th a")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/employees/[0-9a-f-]{36}/$"))
        tab_to(visit, "a[href$='/edit/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/edit/")


def tab_to(visit, selector: str) -> None:
    """Press the tab key until something has the focus, which must be seen wherever it stands on the way."""
    page = visit.page
    for _ in range(80):
        page.keyboard.press("Tab")
        fault = page.evaluate(FOCUS)
        assert not fault, f"{page.url}: {fault}"
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} can't be reached with the tab key")


FOCUS = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    if (at === document.body || at === document.documentElement) return "";
    const words = at.outerHTML.slice(0, 120);
    const ring = parseFloat(style.outlineWidth) >= 1 && style.outlineStyle !== "none";
    if (!ring && style.boxShadow === "none") return "the focus isn't shown on " + words;
    if (box.bottom <= 0 || box.top >= innerHeight) return "the focus is out of sight on " + words;
    const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    return top && !at.contains(top) && !top.contains(at) && !at.closest("label")?.contains(top)
        ? "something hides " + words : "";
}"""
