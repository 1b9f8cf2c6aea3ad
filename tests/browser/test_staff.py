"""One of the platform's staff, from the first sign-in to a look into a workspace and its end."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from safehold.foundation.identity import totp

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PASSWORD = "seven herons over a lake"


@pytest.fixture
def pat(demo, looks):
    """The address of somebody who was put on the staff just now."""
    email = f"pat.{looks[0].name}@staff.example.com"
    name = f"Pat {looks[0].name.capitalize()}"
    options = ("--name", name, "--duty", "support engineer", "--password", PASSWORD)
    done = demo.runner.safehold("staff", "add", email, *options)
    assert done.returncode == 0, done.stderr
    return email


def test_staff_ask_look_in_and_end_it(visitor, pat):
    page = visitor.open("/account/sign-in/")
    page.get_by_label("Email").fill(pat)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/second-factor/new/")
    page.locator("summary", has_text="I can't scan it").click()
    seed = "".join(page.locator(".more code, .more input").first.evaluate("e => e.value || e.textContent").split())
    page.get_by_label("Code").fill(totp.code_at(seed, totp.step_of(time.time())))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    visitor.open("/staff/")
    visitor.look_over("staff")
    page.get_by_label("Workspace").fill("nordhavn")
    page.get_by_label("Case number").fill("S-1042")
    page.get_by_label("Reason").fill("The list of employees looks empty to them.")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("link", name="nordhavn").click()
    banner = page.get_by_role("region", name="Support access")
    expect(banner).to_contain_text("case S-1042")
    visitor.look_over("support-home")
    visitor.open("/t/nordhavn/collections/employees/")
    expect(banner).to_be_visible()
    visitor.look_over("support-records")
    visitor.open("/t/nordhavn/members/", status=403)
    expect(banner).to_be_visible()
    visitor.look_over("support-refused")
    banner.get_by_role("button", name="End now").click()
    page.wait_for_url("**/staff/")
    visitor.open("/t/nordhavn/", status=404)


def test_the_workspace_sees_who_looked_in(owner):
    owner.open("/t/nordhavn/support/")
    owner.look_over("support")
