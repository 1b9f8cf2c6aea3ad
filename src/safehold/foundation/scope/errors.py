"""What can go wrong with scopes: a fault in the program or the set-up, never in what somebody typed."""

from __future__ import annotations

from safehold.kernel.errors import SafeholdError

__all__ = ["LazyResponse", "NoScope", "OtherEnvironment", "UnsafeDatabase"]


class NoScope(SafeholdError):
    """Nothing may be read or written outside a scope."""

    code = "no-scope"
    status = 500


class LazyResponse(SafeholdError):
    """A response was still to be produced when its transaction ended. Produce it whole, or mark it `reads_nothing`."""

    code = "lazy-response"
    status = 500


class UnsafeDatabase(SafeholdError):
    """The database, or the login to it, doesn't keep tenants apart."""

    code = "unsafe-database"
    status = 503


class OtherEnvironment(UnsafeDatabase):
    """The database belongs to another environment."""

    code = "other-environment"
