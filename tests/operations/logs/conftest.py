"""A home of its own whose logs are gathered with the platform's keys of the suite's installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import override_settings

from safehold.kernel.installation import Installation


@pytest.fixture
def place(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The suite's installation with logs and archive of this test's own."""

    class Elsewhere(Installation):
        @property
        def logs(self) -> Path:
            return tmp_path / "logs"

    made = Elsewhere(**{name: getattr(installation, name) for name in Installation.__dataclass_fields__})
    made = replace(made, archive_folder=tmp_path / "archive")
    made.logs.mkdir()
    with override_settings(SAFEHOLD=made):
        yield made
