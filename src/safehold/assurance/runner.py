"""Runs checks. A check that can't run counts as broken: silence is never proof."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from safehold.assurance.registry import Entry, register
from safehold.foundation.scope.clock import now
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Invalid, Problem, SafeholdError
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Check, Finding, Json, ProbeContext, Result, broken, worst
from safehold.operations import selectors as operations

__all__ = ["Outcome", "choose", "probe_context", "prove"]

log = logging.getLogger(__name__)

Teller = Callable[["Outcome"], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found for one promise: the worst of its checks, a sentence, evidence by check, and how long it took.

    `crashed` says that a check stopped at an error that only the log tells more of.
    """

    id: str
    result: Result
    summary: str
    evidence: dict[str, Json]
    seconds: float
    at: datetime
    crashed: bool = False


def choose(wanted: Iterable[str]) -> list[Entry]:
    """The entries for promise ids ("ISO-1") or whole areas ("ISO"), in any case; all of them where none is named."""
    entries = register()
    names = [name.upper() for name in wanted]
    known = set(entries) | {entry.promise.area for entry in entries.values()}
    if unknown := [name for name in names if name not in known]:
        problems = tuple(Problem("promise", "an id such as ISO-1 or an area such as ISO", name) for name in unknown)
        raise Invalid(
            "There is no such promise.", problems=problems, hint="Without a name all are checked: `safehold prove`"
        )
    return [e for key, e in entries.items() if not names or key in names or e.promise.area in names]


def probe_context() -> ProbeContext:
    """What checks get: this moment, the two canary tenants, and our address where the web server listens."""
    installation: Installation = settings.SAFEHOLD
    left, right = tenancy.canaries()
    return ProbeContext(now=now(), left=left, right=right, url=operations.listening_url(installation.home))


@dataclass(frozen=True, slots=True)
class _Crash(Finding):
    """A check stopped at an error that nobody foresaw."""


def _run(check: Check, probe: ProbeContext) -> Finding:
    try:
        return check.run(probe)
    except SafeholdError as error:
        return broken(f"This could not be checked: {error.message}", error=error.code)
    except Exception as error:
        # Whatever stopped the check, the promise isn't shown to hold. An error's text can hold anything: visitors and
        # terminals get its name, and the log the rest.
        log.exception("check %s of %s could not run", check.name, check.promise)
        kind = type(error).__name__
        return _Crash(Result.BROKEN, f"This could not be checked: {check.name} stopped ({kind}).", {"error": kind})


def _prove_one(entry: Entry, probe: ProbeContext) -> Outcome:
    started = time.perf_counter()
    findings = {check.name: _run(check, probe) for check in entry.checks}
    result = worst(finding.result for finding in findings.values())
    decisive = next((f.summary for f in findings.values() if f.result is result), "No check proves this yet.")
    evidence: dict[str, Json] = {
        name: {"result": finding.result.value, "summary": finding.summary, **finding.evidence}
        for name, finding in findings.items()
    }
    seconds, crashed = time.perf_counter() - started, any(isinstance(found, _Crash) for found in findings.values())
    return Outcome(entry.promise.id, result, decisive, _plain(evidence), seconds, now(), crashed)


def _plain(evidence: dict[str, Json]) -> dict[str, Json]:
    """The evidence as JSON keeps it, with fractions as text: what is digested is then what anyone reads back."""
    kept_as: dict[str, Json] = json.loads(json.dumps(evidence, default=str), parse_float=str)
    return kept_as


def prove(entries: Iterable[Entry]) -> Iterator[Outcome]:
    """Run the entries' checks one after the other and yield each promise's outcome as it is known."""
    probe = probe_context()
    for entry in entries:
        yield _prove_one(entry, probe)
