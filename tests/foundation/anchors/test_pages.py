"""The page of anchors and its API: what an owner sees, adds and ends; what is wrong is said where it was typed."""

from __future__ import annotations

import json

import pytest

from factories import make_tenant
from safehold.foundation.access.matrix import Role
from support.visitors import Visitor

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_tenant(), Role.OWNER)


def page(owner: Visitor) -> str:
    return owner.client.get(f"/t/{owner.tenant.slug}/anchors/", secure=True).content.decode()


def test_an_owner_adds_a_webhook_and_sees_its_secret_once(owner, receiver):
    assert "Nobody outside holds a head" in page(owner)
    answer = owner.client.post(f"/t/{owner.tenant.slug}/anchors/", {"where": receiver.url}, secure=True)
    text = answer.content.decode()
    assert "whsec_" in text
    after = page(owner)
    assert "whsec_" not in after
    assert "A webhook" in after
    assert "Waiting" in after


def test_a_mailbox_comes_and_goes(owner):
    where = f"/t/{owner.tenant.slug}/anchors/"
    assert owner.client.post(where, {"where": "keeper@example.com"}, secure=True).status_code == 302
    text = page(owner)
    assert "A mailbox" in text
    assert "keeper@example.com" not in text  # it is sealed, and shown to nobody again
    key = owner.token()
    (one,) = api(owner, key, "get")["items"]
    assert one["kind"] == "mail"
    assert owner.client.post(f"{where}{one['id']}/end/", secure=True).status_code == 302
    assert "A mailbox" not in page(owner)


@pytest.mark.parametrize("where", ["nobody", "a b@example.com", "http://example.com/", "https://127.0.0.1/hook"])
def test_what_cant_be_used_is_said_at_the_field(owner, where):
    answer = owner.client.post(f"/t/{owner.tenant.slug}/anchors/", {"where": where}, secure=True)
    assert answer.status_code == 422
    assert "Expected" in answer.content.decode()


def test_the_api_does_the_same(owner, receiver):
    key = owner.token()
    found = api(owner, key, "get")
    assert found["items"] == []
    assert found["since"] is None
    made = api(owner, key, "post", {"where": receiver.url})
    assert made["secret"].startswith("whsec_")
    (one,) = api(owner, key, "get")["items"]
    assert (one["id"], one["where"], one["platform"]) == (made["id"], "localhost", False)
    gone = owner.client.delete(f"/api/v1/anchors/{made['id']}", secure=True, HTTP_AUTHORIZATION=f"Bearer {key}")
    assert gone.status_code == 204
    assert api(owner, key, "get")["items"] == []


def api(owner: Visitor, key: str, method: str, body: object = None) -> dict:
    more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer = getattr(owner.client, method)("/api/v1/anchors", secure=True, HTTP_AUTHORIZATION=f"Bearer {key}", **more)
    assert answer.status_code < 300, answer.content
    return answer.json()
