"""Checks an export or a proof offline, with nothing but the file and a public key.

`verify` is the product's verifier, `standalone.py` the second one: a single file of plain Python that goes into every
export and shares no code with this package. The tests hold the two against each other.
"""

from __future__ import annotations

from safehold.kernel.verifier.command import main
from safehold.kernel.verifier.report import Refused, Report
from safehold.kernel.verifier.steps import LATE, SKEW, verify

__all__ = ["LATE", "SKEW", "Refused", "Report", "main", "verify"]
