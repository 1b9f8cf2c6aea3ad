"""The system checks find nothing, and start-up refuses what they find."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage, Error, register, registry, run_checks

from safehold.operations.errors import StartProblem
from safehold.operations.processes.settle import refuse_contradictions

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]


def test_the_system_checks_find_nothing():
    assert run_checks() == []
    refuse_contradictions()


def test_a_contradiction_refuses_to_start():
    def contradiction(app_configs: object, **_: object) -> list[CheckMessage]:
        return [Error("The page /open/ declares no permission.", hint="Put @page on it.", id="safehold.access.E001")]

    register(contradiction)
    try:
        with pytest.raises(StartProblem, match=r"safehold\.access\.E001: The page /open/") as refused:
            refuse_contradictions()
    finally:
        registry.registry.registered_checks.discard(contradiction)
    assert refused.value.hint == "Put @page on it."
