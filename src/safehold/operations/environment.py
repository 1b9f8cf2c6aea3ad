"""Environments are apart: what keeps data carries its environment's name, and starting on another's is refused.

`CARRIERS` is the one list of what carries the name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from safehold.kernel.installation import Installation

__all__ = ["CARRIERS", "refuse_other_environment"]


def _key_ring(installation: Installation) -> None:
    from safehold.foundation.keys.keyring import check_label  # noqa: PLC0415  (the supervisor does without)

    check_label(installation.keys / installation.environment, installation.environment)


def _database(installation: Installation) -> None:
    from safehold.foundation.scope.environment import refuse_other_database  # noqa: PLC0415  (needs Django set up)

    refuse_other_database(installation.environment)


def _stored_files(installation: Installation) -> None:
    from safehold.foundation.objects.marker import marker_of_folder, refuse_other_store  # noqa: PLC0415

    refuse_other_store(marker_of_folder(installation.objects), installation.environment)


CARRIERS: dict[str, Callable[[Installation], None]] = {
    "key ring": _key_ring,
    "stored files": _stored_files,
    "database": _database,
}
"""What carries an environment's name; each raises, saying whose it is, for an installation of another environment."""


def refuse_other_environment(installation: Installation, carriers: Iterable[str] = CARRIERS) -> None:
    """Raise unless all of these carriers belong to the installation's environment, or to nobody yet."""
    for name in carriers:
        CARRIERS[name](installation)
