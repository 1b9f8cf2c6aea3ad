"""Staff in a workspace with records: they read what a viewer may, whatever page they take, and leave nothing behind."""

from __future__ import annotations

import html
from typing import Any

import pytest

from support.staffers import Staffer

SEALED = ("5200", "ada.holm@shop.example", "+45 12", "Quay Street", "1980-05-01", "hay fever")


@pytest.fixture
def pages(people, ada, bram, installation, monkeypatch):
    """Opens a page of the collection as one of the staff, by a grant."""
    from safehold.foundation.identity.passwords import Argon2id

    monkeypatch.setattr(Argon2id, "memory_cost", 64)
    monkeypatch.setattr(Argon2id, "time_cost", 1)
    (installation.home / "static").mkdir(exist_ok=True)
    staffer = Staffer()
    staffer.ask(people.tenant)
    client = staffer.browser()

    def get(path: str = "") -> Any:
        answer = client.get(f"/t/{people.tenant.slug}/collections/{path}", secure=True)
        answer.words = html.unescape(answer.content.decode())
        return answer

    yield get
    staffer.leave()


def test_open_fields_are_read_and_no_other(pages, ada):
    for path in (
        "",
        "people/",
        "people/?q=Ada",
        "people/?sort=-since",
        f"people/{ada.id}/",
        f"people/{ada.id}/history/",
        "people/fields/",
        "people/trash/",
    ):
        answer = pages(path)
        assert answer.status_code in {200, 403}, (path, answer.words[-2000:])
        assert "Support access" in answer.words
        assert not [value for value in SEALED if value in answer.words], path
    assert "Ada Holm" in pages("people/").words
    assert "Ada Holm" in pages("people/?q=Ada").words
    assert "Bram" not in pages("people/?q=Ada").words
    assert "Ada Holm" in pages(f"people/{ada.id}/").words
    assert "Ada Holm" not in pages("people/?q=fever").words


@pytest.mark.parametrize("path", ["people.csv", "people/new/", "people/import/"])
def test_nothing_is_taken_out_or_put_in(pages, path):
    assert pages(path).status_code == 403
