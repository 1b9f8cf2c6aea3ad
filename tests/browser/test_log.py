"""The activity in a real browser: its owner looks through it, lets an auditor in, and sends it on."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import expect

from safehold.foundation.identity import totp
from support.installations import eventually

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PASSWORD = "eleven otters under ice"


def test_an_owner_looks_through_the_activity(owner):
    page = owner.open("/t/nordhavn/activity/")
    owner.look_over("activity", picture="activity")
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    page.get_by_label("Text").fill("employees")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**text=employees**")
    assert "since=" in page.url
    owner.look_over("activity-filtered")
    page.get_by_role("link", name="Verify this page").click()
    expect(page.get_by_text("Every event on this page is what was written")).to_be_visible()
    owner.look_over("activity-verified")
    owner.open("/t/nordhavn/activity/?text=no-such-words-anywhere")
    expect(page.get_by_text("Nothing happened that fits these filters.")).to_be_visible()
    owner.look_over("activity-nothing")
    owner.open("/t/nordhavn/activity/?since=2026-02-02&until=2026-01-01", status=422)
    expect(page.get_by_text("These filters can't be applied")).to_be_visible()
    owner.look_over("activity-wrong")


def test_an_entry_leads_on_to_its_proof_its_things_history_and_its_persons_acts(owner):
    page = owner.open("/t/nordhavn/activity/?type=collection.created")
    page.locator("tbody th a").first.click()
    owner.look_over("activity-event")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Its proof").click()
    assert taken.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")
    page.get_by_role("link", name="Its whole history").click()
    assert "?on=collection:" in page.url
    page.go_back()
    page.get_by_role("link", name="All that they did").click()
    assert "?actor=" in page.url
    expect(page.locator("tbody tr").first).to_be_visible()


def test_what_a_member_did_and_what_was_done_to_them_is_one_press_away(owner):
    page = owner.open("/t/nordhavn/members/")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="What they did").click()
    assert "?actor=member:" in page.url


def test_streams_say_what_is_wrong_with_an_address(owner):
    page = owner.open("/t/nordhavn/streams/")
    expect(page.get_by_text("No stream yet")).to_be_visible()
    owner.look_over("streams")
    page.get_by_role("textbox", name="Name").fill("Our SIEM")
    page.get_by_role("textbox", name="Address").fill("https://localhost:9/hook")
    page.get_by_role("button", name="Begin to stream").click()
    expect(page.get_by_text("inside a network of its own").first).to_be_visible()
    owner.look_over("streams-wrong")


def test_an_auditor_is_invited_comes_in_and_finds_the_log_alone(browsing, demo, looks, owner):
    email = f"audrey.{looks[0].name}@audits.example.com"
    page = owner.open("/t/nordhavn/auditors/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Name").fill("Audrey Hollis")
    page.get_by_label("Until").fill((datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"{email} is invited.")).to_be_visible()
    owner.look_over("auditors")
    eventually(lambda: bool(mailed_link(demo, email)))
    link = mailed_link(demo, email)
    with browsing.visit(looks) as auditor:
        come_in(auditor, link)
        auditor.look_over("auditor-activity")
        page = auditor.page
        navigation = page.locator("#sidebar li a")
        assert [text.strip() for text in navigation.all_text_contents()] == ["Activity"]
        page.locator("tbody th a").first.click()
        auditor.look_over("auditor-event")
        auditor.open("/t/nordhavn/collections/employees/", status=403)
        auditor.look_over("auditor-refused")
        owner.open("/t/nordhavn/auditors/")
        row = owner.page.locator("tr", has_text=email)
        row.get_by_role("button", name="End now").click()
        expect(owner.page.locator("tr", has_text=email)).to_contain_text("Ended")
        page.goto(f"{demo.url}/t/nordhavn/activity/")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def come_in(auditor, link: str) -> None:
    """A new account, its second factor, and the activity."""
    page = auditor.open(link)
    auditor.look_over("auditor-invitation")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/second-factor/new/")
    page.locator("summary", has_text="I can't scan it").click()
    seed = "".join(page.locator(".more code, .more input").first.evaluate("e => e.value || e.textContent").split())
    page.get_by_label("Code").fill(totp.code_at(seed, totp.step_of(time.time())))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    auditor.open("/t/nordhavn/activity/")


def mailed_link(demo, email: str) -> str:
    """The path of the link in the newest mail to an address; the installation keeps its mails as files."""
    for path in sorted((demo.runner.home / "mail").glob("*"), key=lambda each: each.stat().st_mtime, reverse=True):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if email in str(mail["To"]):
            found = re.search(r"https://[^/]+(/account/invitation/\S+)", mail.get_content())
            return found[1] if found else ""
    return ""
