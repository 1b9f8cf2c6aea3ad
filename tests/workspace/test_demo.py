"""The demo's commands where no demo was made."""

from __future__ import annotations

import pytest

from safehold.kernel.errors import NotFound

pytestmark = pytest.mark.usefixtures("installation")


def test_nobody_is_listed_where_no_demo_was_made():
    from safehold.workspace.demo import flows

    with pytest.raises(NotFound) as caught:
        flows.welcome()
    assert "demo make" in caught.value.hint
