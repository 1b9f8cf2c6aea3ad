"""An authority that this installation believes, and a receiver that it may send to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import factories
from safehold.foundation.scope.scope import Scope
from support.receivers import Authority, Receiver, receiving


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def allow(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let these places inside be sent to, and believe the authority's certificates."""
    from django.conf import settings

    from safehold.foundation.egress import gateway

    def set_places(*places: str) -> None:
        made = replace(settings.SAFEHOLD, egress_private=places, egress_ca=authority.file)
        monkeypatch.setattr(settings, "SAFEHOLD", made)
        gateway._trust.cache_clear()

    set_places()
    yield set_places
    gateway._trust.cache_clear()


@pytest.fixture
def receiver(authority: Authority, allow: Callable[..., None]) -> Iterator[Receiver]:
    with receiving(authority) as made:
        allow(f"localhost:{made.port}")
        yield made


@pytest.fixture
def scope(installation: object) -> Scope:
    return factories.scope_of(factories.make_tenant(), "owner")
