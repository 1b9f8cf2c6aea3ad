"""What the catalogue audit finds here that isn't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["MEASURED", "SCRATCH"]

MEASURED: dict[str, str] = {
    "records_record.collection_id": "Random ids. Without, a long list isn't read in its index's order.",
}

SCRATCH: dict[str, str] = {
    "bench_copied": "The baseline of `safehold bench import`: a made-up file copied as it is, dropped at its end.",
}
