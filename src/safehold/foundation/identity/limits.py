"""How often something may be tried. Counted in the database: shared by all processes, kept over restarts.

Documented lock-out behaviour (ASVS 6.1.1): after ten failures from one address within a quarter of an hour, that
address is refused for that account until the window ends, while its holder still signs in from elsewhere; after a
hundred failures in a day without a success, the account refuses password sign-in for the rest of that day (NIST SP
800-63B-4 section 3.2.2). A right password clears the account's own counters; of its address it takes back that one try,
so that an office behind one address doesn't lock itself out.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ACCOUNT_A_DAY",
    "ACCOUNT_FROM_ADDRESS",
    "ADDRESS",
    "CHANGE",
    "CODE",
    "CODE_A_DAY",
    "RESET_FROM_ADDRESS",
    "RESET_OF_ADDRESS",
    "SIGN_UP",
    "Limit",
]

_QUARTER, _DAY = 15 * 60, 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` of `what` by one key within `seconds`."""

    what: str
    tries: int
    seconds: int


ACCOUNT_FROM_ADDRESS = Limit("sign-in to this account from this address", 10, _QUARTER)
ACCOUNT_A_DAY = Limit("sign-in to this account", 100, _DAY)
ADDRESS = Limit("sign-in from this address", 100, _QUARTER)
CODE = Limit("codes for this account", 10, _QUARTER)
CODE_A_DAY = Limit("codes for this account in a day", 100, _DAY)
CHANGE = Limit("codes sent to a new address of this account", 5, 60 * 60)
SIGN_UP = Limit("sign-up from this address", 20, 60 * 60)
RESET_OF_ADDRESS = Limit("password resets of this account", 3, _QUARTER)
RESET_FROM_ADDRESS = Limit("password resets from this address", 20, 60 * 60)
