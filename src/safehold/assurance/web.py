"""The trust centre: every promise, its state, how it was proved, and how to repeat it. Open to visitors."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from safehold.assurance import selectors
from safehold.foundation.access.web import public
from safehold.kernel.promise import Result

__all__ = ["promise", "promise_evidence", "register_json", "trust"]


@public
def trust(request: HttpRequest) -> HttpResponse:
    """The register: broken and unproven promises first, each with its last check."""
    standings = selectors.standings()
    counts = {result.name.lower(): sum(s.result is result for s in standings) for result in Result}
    last = max((s.latest.at for s in standings if s.latest), default=None)
    context = {"areas": selectors.areas(), "standings": standings, "counts": counts, "last": last}
    return render(request, "assurance/trust.html", context)


@public
def promise(request: HttpRequest, promise_id: str) -> HttpResponse:
    """One promise: its text, the last evidence, its history and the command that repeats the check."""
    found = selectors.standing(promise_id)
    history = selectors.history(found.entry.promise.id)
    evidence = json.dumps(found.latest.evidence, indent=2, ensure_ascii=False) if found.latest else ""
    return render(
        request, "assurance/promise.html", {"standing": found, "history": history, "evidence": evidence}
    )


@public
def promise_evidence(request: HttpRequest, promise_id: str) -> JsonResponse:
    """The last evidence of one promise as JSON, with its digest, for a visitor to keep and compare."""
    found = selectors.standing(promise_id)
    return JsonResponse(_public(found))


@public
def register_json(request: HttpRequest) -> JsonResponse:
    """The whole register as JSON."""
    return JsonResponse({"promises": [_public(found) for found in selectors.standings()]})


def _public(found: selectors.Standing) -> dict[str, object]:
    promise, latest = found.entry.promise, found.latest
    return {
        "id": promise.id,
        "title": promise.title,
        "text": promise.text,
        "result": found.result.value,
        "summary": latest.summary if latest else "Not checked yet.",
        "at": latest.at.isoformat() if latest else None,
        "seconds": latest.seconds if latest else None,
        "evidence": latest.evidence if latest else {},
        "digest": bytes(latest.digest).hex() if latest else None,
    }
