"""A real browser: how it is started, the looks that pages are tried in, and who watches over each of them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from support.demo import Demo, Person

__all__ = ["LOOKS", "ROOT", "Browsing", "Look", "Visit", "running_browser"]

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_CHECKER = (Path(__file__).parent / "accessibility.js").read_text()


@dataclass(frozen=True)
class Look:
    """The width and the theme that pages are looked at in."""

    name: str
    width: int
    height: int
    theme: str
    script: bool = True


LOOKS = (
    Look("light", 1280, 800, "light"),
    Look("dark", 1280, 800, "dark"),
    Look("phone", 390, 844, "light"),
)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a screen; closed at the end, with everything that it opened."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """Somebody at a page of the installation. What goes wrong on the way gathers in `faults`."""

    page: Page
    demo: Demo
    look: Look
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._response)

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page, which has to answer so, and look it over."""
        answer = self.page.goto(self.demo.url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        self.look_over()
        return self.page

    def look_over(self) -> None:
        """The page fits the window: nothing sticks out to the side."""
        self.page.wait_for_load_state()
        if self.look.script:
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                self.faults.append(f"{self.page.url}: {wide} pixels too wide at {self.look.width}")

    def accessible(self) -> None:
        """What a script can tell of the page's use for everybody."""
        for fault in self.page.evaluate(f"({_CHECKER})()"):
            # What stands on every page is told once.
            if not any(fault in known for known in self.faults):
                self.faults.append(f"{self.page.url} ({self.look.name}): {fault}")

    def shot(self, name: str, picture: str = "") -> None:
        """Keep a picture of the page as it is now; on demand also for the documentation."""
        self.look_over()
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}-{self.look.name}.png")
        if picture and self.look.name == "light" and os.environ.get("SAFEHOLD_PICTURES") == "1":
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{picture}.png")

    def _console(self, message: ConsoleMessage) -> None:
        # A page that refuses what was asked says so with its status; Chromium calls that an error of loading.
        refusal = message.text.startswith("Failed to load resource") and message.location.get("url") == self.page.url
        if message.type in {"error", "warning"} and not refusal:
            self.faults.append(f"{self.page.url}: {message.type}: {message.text}")

    def _response(self, answer: Response) -> None:
        policy = answer.headers.get("content-security-policy", "")
        if answer.request.resource_type == "document" and "default-src 'none'" not in policy and answer.status < 300:
            self.faults.append(f"{answer.url} has no content security policy")
        if answer.status >= 500 or (answer.status >= 400 and answer.request.resource_type != "document"):
            self.faults.append(f"{answer.url}: {answer.status}")


class Browsing:
    """A browser at an installation, and the people who have signed in with it so far."""

    def __init__(self, browser: Browser, demo: Demo, signed_in: dict[str, Any]) -> None:
        self.browser, self.demo = browser, demo
        self._signed_in = signed_in

    @contextmanager
    def visit(self, look: Look = LOOKS[0], who: Person | None = None) -> Iterator[Visit]:
        """A window in some look, for a visitor or for somebody who is signed in. It ends without a fault."""
        state = self._state(who) if who is not None else None
        with self._context(look, state) as context:
            visit = Visit(context.new_page(), self.demo, look)
            yield visit
            assert not visit.faults, "\n".join(visit.faults)

    def sign_in(self, visit: Visit, person: Person) -> None:
        """Sign in as people do: address, password, and the code of the moment where it is asked for."""
        page = visit.page
        page.goto(f"{self.demo.url}/account/sign-in/")
        page.get_by_label("Email").fill(person.email)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        if person.needs_code:
            page.get_by_label("Code").fill(self.code(person))
            page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)

    def code(self, person: Person) -> str:
        """A code that the person hasn't used yet: each opens once, so this may take half a minute."""
        used = self._signed_in.setdefault("codes", set())
        deadline = time.monotonic() + 40
        while (code := self.demo.code(person)) in used:
            assert time.monotonic() < deadline, "the authenticator shows the same code for ever"
            time.sleep(1)
        used.add(code)
        return code

    def _state(self, person: Person) -> Any:
        if person.email not in self._signed_in:
            with self._context(LOOKS[0], None) as context:
                self.sign_in(Visit(context.new_page(), self.demo, LOOKS[0]), person)
                self._signed_in[person.email] = context.storage_state()
        return self._signed_in[person.email]

    @contextmanager
    def _context(self, look: Look, state: Any) -> Iterator[BrowserContext]:
        context = self.browser.new_context(
            # The installation's certificate is its own; over plain HTTPS clients it is checked elsewhere.
            ignore_https_errors=True,
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.theme,  # type: ignore[arg-type]  # light or dark
            java_script_enabled=look.script,
            storage_state=state,
            locale="en-GB",
        )
        try:
            yield context
        finally:
            context.close()
