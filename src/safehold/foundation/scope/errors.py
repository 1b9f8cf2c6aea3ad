"""What can go wrong with scopes: always a fault in the program, never in what somebody typed."""

from __future__ import annotations

from safehold.kernel.errors import SafeholdError

__all__ = ["LazyResponse", "NoScope"]


class NoScope(SafeholdError):
    """Nothing may be read or written outside a scope."""

    code = "no-scope"
    status = 500


class LazyResponse(SafeholdError):
    """A response was still to be produced when its transaction ended. Produce it whole, or mark it `reads_nothing`."""

    code = "lazy-response"
    status = 500
