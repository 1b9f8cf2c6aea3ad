"""Writes of the assurance floor: keeping what a run found."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from safehold.assurance.events import PROMISES_PROVED
from safehold.assurance.models import PromiseResult, Run
from safehold.assurance.runner import Outcome
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope

__all__ = ["keep_run"]


def _digest(outcome: Outcome) -> bytes:
    """SHA-256 of the evidence as JSON in UTF-8 with sorted keys and no spaces, which any language can repeat."""
    text = json.dumps(outcome.evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def keep_run(*, scope: Scope, cause: str, started_at: datetime, outcomes: Sequence[Outcome]) -> UUID:
    """Store a run and its outcomes, and write its event to the platform's log. Returns the run's id.

    `scope` is a platform scope. The event carries the digest of all results, so that stored evidence can't be swapped
    without breaking the sealed log.
    """
    run = Run(id=new_id(), started_at=started_at, finished_at=now(), cause=cause)
    run.save(force_insert=True)
    digests = [_digest(outcome) for outcome in outcomes]
    PromiseResult.objects.bulk_create(
        PromiseResult(
            id=new_id(),
            run=run,
            promise=outcome.id,
            result=outcome.result.value,
            summary=outcome.summary,
            evidence=outcome.evidence,
            digest=digest,
            seconds=outcome.seconds,
            at=outcome.at,
        )
        for outcome, digest in zip(outcomes, digests, strict=True)
    )
    counts = Counter(outcome.result.value for outcome in outcomes)
    audit.record(
        scope,
        PROMISES_PROVED,
        on=f"run:{run.id}",
        fields={
            "cause": cause,
            "checked": len(outcomes),
            "kept": counts["kept"],
            "broken": counts["broken"],
            "unproven": counts["unproven"],
            "digest": hashlib.sha256(b"".join(digests)).hexdigest(),
        },
    )
    return run.id
