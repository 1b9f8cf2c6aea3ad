"""Promises, checks and findings: what a security page says, and how the running system proves it.

An app declares `PROMISES` and `CHECKS` in its `promises.py`, beside the code that keeps them. The assurance floor
collects, runs and shows them. A promise's result is the worst of its checks'; one without a check is unproven; a
check that can't run is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

__all__ = ["Check", "Finding", "Json", "ProbeContext", "Promise", "Result", "broken", "kept", "unproven", "worst"]

Json = object
"""A value that the json module can write."""


class Result(StrEnum):
    """What a check found. Ordered from best to worst by `worst`."""

    KEPT = "kept"
    NOT_APPLICABLE = "not applicable"
    UNPROVEN = "unproven"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the register: `id` such as "ISO-1", a short `title`, and the `text` that visitors read."""

    id: str
    title: str
    text: str

    @property
    def area(self) -> str:
        """The part before the dash: "ISO"."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's outcome: a sentence for people and evidence (JSON values, no secrets, no content) for auditors."""

    result: Result
    summary: str
    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What a check may use: the moment, the two canary tenants, and the installation's own address, if it listens."""

    now: datetime
    left: UUID
    right: UUID
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A named way to prove a promise. `run` is harmless on a production system and returns what it saw."""

    promise: str
    name: str
    run: Callable[[ProbeContext], Finding]


def kept(summary: str, **evidence: Json) -> Finding:
    """The promise holds in all that was looked at."""
    return Finding(Result.KEPT, summary, evidence)


def broken(summary: str, **evidence: Json) -> Finding:
    """The promise doesn't hold; the evidence says where."""
    return Finding(Result.BROKEN, summary, evidence)


def unproven(summary: str, **evidence: Json) -> Finding:
    """There was nothing to judge yet."""
    return Finding(Result.UNPROVEN, summary, evidence)


def worst(results: Iterable[Result]) -> Result:
    """The worst of several results; unproven where there is none."""
    order = list(Result)
    return max(results, key=order.index, default=Result.UNPROVEN)
