"""Places that heads go to, on servers of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import factories
from safehold.foundation.scope.scope import Scope
from support.receivers import Authority, Receiver, receiving
from support.sealers import sealing

_END_ALL = "update anchors_place set ended_at = now() where ended_at is null"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(installation: object, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A server that may be sent to."""
    from django.conf import settings

    from safehold.foundation.egress import gateway

    with receiving(authority) as made:
        allowed = replace(settings.SAFEHOLD, egress_private=(f"localhost:{made.port}",), egress_ca=authority.file)
        monkeypatch.setattr(settings, "SAFEHOLD", allowed)
        gateway._trust.cache_clear()
        yield made
    gateway._trust.cache_clear()


@pytest.fixture
def sealer(installation: Any) -> Iterator[Any]:
    with sealing(installation) as made:
        yield made


@pytest.fixture
def grow(sealer: Any) -> Callable[[Scope], None]:
    """Write an event to a scope's log, and have it sealed, signed and told."""

    def write(scope: Scope) -> None:
        from safehold.foundation.audit import events, flows
        from safehold.foundation.scope.transaction import scoped

        with scoped(scope):
            flows.record(scope, events.DENIED, fields={"permission": "x", "route": "GET /y"})
        sealer.catch_up()

    return write


@pytest.fixture
def platform() -> Scope:
    return factories.PLATFORM_SCOPE


@pytest.fixture
def tenant(installation: object) -> Scope:
    return factories.scope_of(factories.make_tenant(), "owner")


@pytest.fixture(autouse=True)
def _no_places(installation: object, superuser: Any) -> Iterator[None]:
    """Each test's places are its own; the object store's, which the worker adds by itself, is ended already."""
    from safehold.foundation.anchors.flows import add_object_store
    from safehold.foundation.scope.transaction import scoped

    with scoped(factories.PLATFORM_SCOPE) as scope:
        add_object_store(scope=scope)
    superuser.execute(_END_ALL)
    yield
    superuser.execute(_END_ALL)
