"""A real browser: how it is started, the looks that pages are tried in, and who watches over each of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from support.demo import Demo, Person

__all__ = ["DESKTOP", "LOOKS", "NO_SCRIPT", "PHONE", "ROOT", "Browsing", "Look", "Visit", "running_browser"]

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
# For so long a machine with other work to do is waited for; nothing is decided by it.
SECONDS = 60
_CHECKER = (Path(__file__).parent / "accessibility.js").read_text()


@dataclass(frozen=True)
class Look:
    """The width and the theme that pages are looked at in."""

    name: str
    width: int
    height: int
    theme: str
    script: bool = True


DESKTOP = (Look("light", 1280, 800, "light"), Look("dark", 1280, 800, "dark"))
PHONE = (Look("phone", 390, 844, "light"),)
NO_SCRIPT = (Look("no-script", 1280, 800, "light", script=False),)
LOOKS = DESKTOP + PHONE


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a screen; closed at the end, with everything that it opened."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """Somebody at a page of the installation, in a window that has the first of its looks and may be given the others.

    What goes wrong on the way gathers in `faults`.
    """

    page: Page
    demo: Demo
    looks: tuple[Look, ...]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._response)

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page, which has to answer so."""
        answer = self.page.goto(self.demo.url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def look_over(self, name: str = "", picture: str = "") -> None:
        """See the page in every look: it fits the window and is for everybody. Under a name its pictures are kept."""
        self.page.wait_for_load_state()
        for look in self.looks:
            if len(self.looks) > 1:
                self._wear(look)
            self._fits(look)
            self._accessible(look)
            if name:
                self._keep(f"{name}-{look.name}", picture if look is DESKTOP[0] else "")
        if len(self.looks) > 1:
            self._wear(self.looks[0])

    def _wear(self, look: Look) -> None:
        self.page.set_viewport_size({"width": look.width, "height": look.height})
        self.page.emulate_media(color_scheme=look.theme)  # type: ignore[arg-type]  # light or dark

    def _fits(self, look: Look) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.faults.append(f"{self.page.url}: {wide} pixels too wide at {look.width}")

    def _accessible(self, look: Look) -> None:
        for fault in self.page.evaluate(f"({_CHECKER})()"):
            # What stands on every page is told once.
            if not any(fault in known for known in self.faults):
                self.faults.append(f"{self.page.url} ({look.name}): {fault}")

    def _keep(self, name: str, picture: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")
        if picture and os.environ.get("SAFEHOLD_PICTURES") == "1":
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{picture}.png")

    def _console(self, message: ConsoleMessage) -> None:
        # What is answered with a refusal is judged by its status, below; Chromium calls it an error of loading, too.
        refusal = message.text.startswith("Failed to load resource: the server responded with a status of")
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
    def visit(self, looks: tuple[Look, ...] = DESKTOP, who: Person | None = None) -> Iterator[Visit]:
        """A window for a visitor or for somebody who is signed in. It ends without a fault."""
        state = self._state(who) if who is not None else None
        with self._context(looks[0], state) as context:
            visit = Visit(context.new_page(), self.demo, looks)
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
        """The code of the moment. Each opens once and then none for half a minute: people sign in once a session."""
        used = self._signed_in.setdefault("codes", set())
        assert person.email not in used, f"{person.email} signs in with a code a second time"
        used.add(person.email)
        return self.demo.code(person)

    def _state(self, person: Person) -> Any:
        if person.email not in self._signed_in:
            with self._context(DESKTOP[0], None) as context:
                self.sign_in(Visit(context.new_page(), self.demo, DESKTOP), person)
                self._signed_in[person.email] = context.storage_state()
        return self._signed_in[person.email]

    @contextmanager
    def _context(self, look: Look, state: Any) -> Iterator[BrowserContext]:
        context = self.browser.new_context(
            # The installation's certificate is its own; over plain HTTPS clients it is checked elsewhere.
            ignore_https_errors=True,
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.theme,  # type: ignore[arg-type]  # light or dark
            # Nothing moves: a colour is never looked at on its way to another one.
            reduced_motion="reduce",
            java_script_enabled=look.script,
            storage_state=state,
            locale="en-GB",
        )
        try:
            yield context
        finally:
            context.close()
