"""What the catalogue audit finds here that isn't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["SCRATCH"]

SCRATCH: dict[str, str] = {
    "bench_copied": "The baseline of `safehold bench import`: a made-up file copied as it is, dropped at its end.",
}
