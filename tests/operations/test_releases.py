from __future__ import annotations

from datetime import date

import pytest

from safehold.operations.releases import age_of


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("18.7", "18.7, released 10 days ago"),
        ("18.6", "18.6, released 101 days ago; 18.7 is newer"),
        ("15.18 (Debian 15.18-0+deb12u1)", "15.18 (Debian 15.18-0+deb12u1), released 192 days ago; 15.20 is newer"),
        ("18.9", "18.9, not among the releases known on 22 November 2026"),
        ("16.1", "16.1, older than the releases known on 22 November 2026"),
        ("19.0", "19.0, not among the releases known on 22 November 2026"),
        ("dev", "dev, not among the releases known on 22 November 2026"),
    ],
)
def test_a_server_has_an_age(version: str, said: str) -> None:
    assert age_of(version).sentence(date(2026, 11, 22)) == said


def test_it_counts_how_many_releases_it_is_behind() -> None:
    assert [age_of(version).behind for version in ("18.7", "18.6", "18.4", "17.12")] == [0, 1, 2, 0]
