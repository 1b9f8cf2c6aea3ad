"""What looks like a secret stays out of the logs."""

from __future__ import annotations

import pytest

from safehold.project.logs import redact


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("password=hunter2 for olga", "password=[redacted] for olga"),
        ("{'password': 'correct horse', 'n': 1}", "{'password': '[redacted]', 'n': 1}"),
        ('{"token": "abc def", "n": 1}', '{"token": "[redacted]", "n": 1}'),
        ("{'csrf_token': <SimpleLazyObject: '6ge5pd04'>}", "{'csrf_token': <SimpleLazyObject: '[redacted]'>}"),
        ("otp: 123456", "otp: [redacted]"),
        ("postgresql://me:pw@host/db", "postgresql[redacted]host/db"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_taken_out(said: str, kept: str):
    assert redact(said) == kept
