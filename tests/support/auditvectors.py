"""The test vectors of the audit log, the tool that makes them, and the one that storms a log."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "specs" / "vectors" / "audit"
STANDALONE = ROOT / "src" / "safehold" / "kernel" / "verifier" / "standalone.py"

sys.path.insert(0, str(ROOT / "tools"))

import audit_attacks  # noqa: E402
import audit_exports  # noqa: E402
import audit_storm  # noqa: E402
import audit_vectors  # noqa: E402

__all__ = ["ROOT", "STANDALONE", "VECTORS", "audit_attacks", "audit_exports", "audit_storm", "audit_vectors", "load"]


def load(name: str) -> Any:
    """A vector file."""
    return json.loads((VECTORS / name).read_text("utf-8"))
