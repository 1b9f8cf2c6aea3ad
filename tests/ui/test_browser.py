"""Pages in a real browser: nothing overflows a phone, targets are large enough, words stand out, nothing is blocked."""

from __future__ import annotations

import mimetypes
import re
import shutil
from pathlib import Path

import pytest

import safehold.ui

pytestmark = pytest.mark.browser

STATIC = Path(safehold.ui.__file__).parent / "static"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ORIGIN = "https://localhost"

WIDER = "document.documentElement.scrollWidth - innerWidth"
SMALL = """() => [...document.querySelectorAll('button, .button, summary, select, input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.matches('[type=checkbox], [type=radio]'))
  .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
  .map(e => `${e.outerHTML.slice(0, 90)} ${e.getBoundingClientRect().height}`)"""
PALE = """() => {
  const parts = c => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parts(getComputedStyle(e).backgroundColor); if (c[3] > .99) return c; } return [255, 255, 255, 1]; };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest('.unseen, .skip, [disabled], svg, option')) continue;
    const a = light(parts(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.push(`${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def pages(installation) -> dict[str, tuple[int, dict[str, str], str]]:
    """Answers by address, asked for before the browser's loop runs in this thread: Django won't work inside one."""
    from factories import make_tenant, system
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows
    from safehold.workspace.records.importing.options import ImportOptions
    from support.visitors import Visitor

    northwind = Path(__file__).parents[2] / "tests" / "ui" / "orders.csv"
    owner = Visitor(make_tenant("Northwind Traders of the Seven Seas", departments=["Sales"]), "owner")
    with scoped(system(owner.tenant)) as scope:
        data = northwind.read_bytes()
        flows.design_collection(scope=scope, label="Orders", data=data)
        flows.import_rows(scope=scope, collection="orders", data=data, options=ImportOptions())
    rest = (
        "", "members/", "members/invite/", "departments/", "settings/", "activity/", "activity/?verify=1",
        "collections/",
        "collections/orders/", "collections/orders/?shipCountry=France&q=paris", "collections/orders/new/",
        "collections/orders/fields/", "collections/orders/import/", "tokens/", "collections/none/",
    )  # fmt: skip
    paths = [owner.path(each) for each in rest] + ["/ui/", "/account/workspaces/"]
    answers = {path: owner.client.get(path, secure=True) for path in paths}
    return {path: (a.status_code, dict(a.headers), a.text) for path, a in answers.items()}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tabs(pages, browser):
    """One tab for each width, scheme and script setting; it is answered from `pages` and from our static files."""
    opened = {}

    def answer(route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.startswith("/static/"):
            file = STATIC / re.sub(r"\.[0-9a-f]{12}(?=\.)", "", path.removeprefix("/static/"))
            route.fulfill(status=200, content_type=mimetypes.guess_type(file)[0], body=file.read_bytes())
        elif path in pages:
            status, headers, text = pages[path]
            route.fulfill(status=status, headers=headers, body=text)
        else:
            route.abort()

    def tab(width: int, scheme: str, script: bool):  # noqa: FBT001 - one of three settings of a tab
        key = (width, scheme, script)
        if key not in opened:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
            )
            context.set_default_timeout(10_000)
            page, complaints = context.new_page(), []
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.route("**/*", answer)
            opened[key] = page, complaints
        return opened[key]

    return tab


@pytest.fixture(scope="module")
def visit(tabs):
    """Opens a page, and returns it with what the browser complained of."""

    def open_page(path: str, *, width: int = 1280, scheme: str = "light", script: bool = True):
        page, complaints = tabs(width, scheme, script)
        complaints.clear()
        page.goto(ORIGIN + path)
        return page, [each for each in complaints if "Failed to load resource" not in each]

    return open_page


def test_no_page_is_wider_than_a_phone_and_the_browser_blocks_nothing(pages, visit):
    for path in pages:
        for width in (390, 1280):
            page, complaints = visit(path, width=width)
            assert page.evaluate(WIDER) <= 0, f"{path} at {width}"
            assert [each for each in complaints if "Content Security" in each or "rror" in each] == [], path


def test_targets_are_large_enough(pages, visit):
    for path in pages:
        page, _ = visit(path, width=390)
        assert page.evaluate(SMALL) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(pages, visit, scheme: str):
    for path in pages:
        page, _ = visit(path, scheme=scheme)
        assert page.evaluate(PALE) == [], path


def test_dialogs_menus_and_the_side_navigation_open_without_a_script(visit):
    page, _ = visit("/ui/", script=False)
    page.click("button:has-text('Ask first')")
    assert page.is_visible("#ask")
    page.click("#ask button:has-text('Cancel')")
    assert page.is_hidden("#ask")
    page.click("summary[aria-label='More actions']")
    assert page.is_visible(".menu-items a:has-text('History')")


def test_keys_reach_the_search_and_their_own_list(visit):
    page, _ = visit("/ui/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.is_visible("#keys")


def test_the_choice_of_dark_is_taken_on_the_spot(visit):
    page, _ = visit("/ui/")
    page.click("summary[aria-label='Your account']")
    page.click("button:has-text('Dark')")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "safehold_theme=dark" in page.evaluate("document.cookie")


def test_problems_of_a_form_are_read_first(visit):
    page, _ = visit("/ui/")
    assert page.evaluate("document.activeElement.className").endswith("form-problems")


def test_nothing_moves_for_who_wants_it_still(visit):
    page, _ = visit("/ui/")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") in ("0s", "none")
