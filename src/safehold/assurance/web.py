"""The trust centre: every promise, its state, how it was proved, and how to repeat it. Open to visitors."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from safehold.assurance import selectors
from safehold.foundation.access.web import public
from safehold.foundation.audit.selectors import sealing
from safehold.kernel.promise import Result

__all__ = ["promise", "promise_evidence", "register_json", "trust"]


@public
def trust(request: HttpRequest) -> HttpResponse:
    """The register: broken and unproven promises first, each with its last check. `?state=` shows one state only."""
    wanted = request.GET.get("state", "")
    standings = selectors.standings()
    counts = Counter(standing.result for standing in standings)
    context = {
        "areas": selectors.areas(state=wanted),
        "counts": {result.name.lower(): counts[result] for result in Result},
        "tabs": _tabs(wanted, counts),
        "clear": reverse("trust"),
        "window": selectors.window(),
        "sealing": sealing(),
        "last": max((s.checked_at for s in standings if s.checked_at), default=None),
    }
    return render(request, "assurance/trust.html", context)


def _tabs(wanted: str, counts: Counter[Result]) -> list[dict[str, object]]:
    page = reverse("trust")
    everything = {"href": page, "label": "All", "count": counts.total(), "current": not wanted}
    states = [Result.BROKEN, Result.UNPROVEN, Result.KEPT]
    return [
        everything,
        *(
            {
                "href": f"{page}?{urlencode({'state': state.value})}",
                "label": state.value.capitalize(),
                "count": counts[state],
                "current": wanted == state.value,
            }
            for state in states
        ),
    ]


@public
def promise(request: HttpRequest, promise_id: str) -> HttpResponse:
    """One promise: its text, the last evidence, its history and the command that repeats the check."""
    found = selectors.standing(promise_id)
    context = {
        "standing": found,
        "findings": [_finding(name, item) for name, item in found.evidence.items()],
        "history": selectors.history(found.entry.promise.id),
        "digest": bytes(found.latest.digest).hex() if found.latest else "",
        "evidence_url": reverse("trust-evidence", args=[found.entry.promise.id]),
    }
    return render(request, "assurance/promise.html", context)


def _finding(name: str, item: dict[str, object]) -> dict[str, object]:
    details = {key: value for key, value in item.items() if key not in ("result", "summary")}
    text = json.dumps(details, indent=2, ensure_ascii=False) if details else ""
    return {"name": name, "result": item["result"], "summary": item["summary"], "details": text}


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
        "summary": found.summary,
        "at": latest.at.isoformat() if latest else None,
        "seconds": latest.seconds if latest else None,
        "evidence": found.evidence,
        "digest": bytes(latest.digest).hex() if latest else None,
    }
