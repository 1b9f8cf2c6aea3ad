"""Receivers that this installation believes and may send to, a tenant with a sealed log, and its sealer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import factories
from safehold.foundation.scope.scope import Scope
from safehold.kernel.installation import Installation
from support.receivers import Authority, Receiver, receiving
from support.sealers import sealing
from support.syslogs import Syslog, listening


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def allow(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let these places inside be sent to, and believe the authority's certificates."""
    from django.conf import settings

    from safehold.foundation.egress import gateway

    allowed: list[str] = []

    def add(*places: str) -> None:
        allowed.extend(places)
        made = replace(settings.SAFEHOLD, egress_private=tuple(allowed), egress_ca=authority.file)
        monkeypatch.setattr(settings, "SAFEHOLD", made)
        gateway._trust.cache_clear()

    add()
    yield add
    gateway._trust.cache_clear()


@pytest.fixture
def receiver(authority: Authority, allow: Callable[..., None]) -> Iterator[Receiver]:
    with receiving(authority) as made:
        allow(f"localhost:{made.port}")
        yield made


@pytest.fixture
def syslog(authority: Authority, allow: Callable[..., None]) -> Iterator[Syslog]:
    with listening(authority) as made:
        allow(f"localhost:{made.port}")
        yield made


@pytest.fixture
def sealer(installation: Installation) -> Iterator[Any]:
    with sealing(installation) as made:
        yield made


@pytest.fixture
def scope(installation: Installation) -> Scope:
    return factories.scope_of(factories.make_tenant(), "owner")
