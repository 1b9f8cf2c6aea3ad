"""Tasks that a tenant's scope may queue: declared in a room's `jobs.py`, registered in the database at each start."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any
from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

__all__ = ["registered", "tenant_task"]

_TASKS: dict[str, tuple[str, ...]] = {}
_GIVEN = ("context", "tenant")


def tenant_task(*, name: str, **options: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a function a task for tenants: `work(context, tenant, …)`, where the rest are ids, given as UUIDs.

    A job of it carries those ids, and what the database stamps on it: the tenant that it is for and the account that
    asked for it. `options` are the library's own, such as `retry`.
    """

    def declare(work: Callable[..., None]) -> Any:
        names = tuple(inspect.signature(work).parameters)
        if names[:2] != _GIVEN:
            raise TypeError(f"{name} should take context, tenant and ids, not {', '.join(names)}")
        _TASKS[name] = tuple(sorted(names[2:]))

        def run(context: JobContext, /, *, tenant: str, asked_by: str | None = None, **ids: str) -> None:
            work(context, UUID(tenant), **{key: UUID(value) for key, value in ids.items()})

        update_wrapper(run, work)
        return app.task(name=name, pass_context=True, **options)(run)

    return declare


def registered() -> Mapping[str, tuple[str, ...]]:
    """The tasks that rooms declare, each with the names of its ids, in order."""
    return dict(_TASKS)
