"""Every flow that writes leaves an event. Walked in the code: what a flow calls, and what that calls, within its room.

AUD-3 tries writes for real (probes), and each room's tests look for its events. This walk finds the flow that somebody
adds without either: it has to record, or to stand below with the reason why it doesn't.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

pytestmark = pytest.mark.usefixtures("installation")

_RECORDS = {"record", "record_many", "record_apart", "record_refusal"}

_FACES = {"migrations", "web", "api", "cli", "selectors", "models", "probes", "promises", "jobs", "panels"}

_COUNTER = "Counts tries against a limit, or stops counting: what came of the try has an event of its own."
_DEMO = "Shows how to sign in to the demo: it writes nothing, or by other flows, which leave theirs."
_QUEUE = "Queues work, or takes it off again: whatever the work changes leaves its own events."
_IMPORT = "A file on its way in changes no record: starting, finishing and failing leave the import's events."

WITHOUT: dict[str, str] = {
    "foundation.audit.keep_log": "Follows a tenant's plan, whose making and change leave their events.",
    "foundation.identity.forget_codes": _COUNTER,
    "foundation.identity.forget_sign_ins": _COUNTER,
    "foundation.identity.forget_old_tries": _COUNTER,
    "foundation.identity.forget_ended_sessions": "Tidies away sessions whose end left its event when they ended.",
    "foundation.identity.present_code": "Reads the code of a demo person; it writes nothing.",
    "foundation.identity.send_guest_invitation": "That the guest was invited left its event, which tells as much.",
    "foundation.identity.send_mail": "Sends what another flow asked for, which left its event.",
    "foundation.identity.session_limits": "Reads which limits bind an account; it writes nothing.",
    "foundation.identity.use_token": "Notes when a token was last used; what it does leaves its own events.",
    "foundation.identity.wait_for_copies": "Waits for events written in the background; it writes nothing itself.",
    "foundation.jobs.end_jobs": _QUEUE,
    "foundation.jobs.end_jobs_of_member": _QUEUE,
    "foundation.jobs.queue_job": _QUEUE,
    "foundation.tenancy.erase_member": "The flow of keys that it calls to destroy them leaves the event.",
    "foundation.tenancy.keep_logs": "Says again what each tenant's plan says; a plan's change leaves its event.",
    "foundation.tenancy.update_copies": "Follows a change of an account, whose flow tells each tenant's log.",
    "foundation.usage.add_counts": "Adds to counts that name nobody; an event for each would name somebody.",
    "foundation.usage.forget_old_counts": "Deletes counts after 13 months, as promised; they name nobody.",
    "workspace.demo.make_demo": _DEMO,
    "workspace.demo.sign_ins": _DEMO,
    "workspace.demo.welcome": _DEMO,
    "workspace.records.change_options": _IMPORT,
    "workspace.records.check_file": _IMPORT,
    "workspace.records.discard_import": _IMPORT,
    "workspace.records.file_digest": "Says what the log says of a file; it writes nothing.",
    "workspace.records.guessed_fields": "Reads a file and says which fields it would have; it writes nothing.",
    "workspace.records.keep_file": _IMPORT,
    "workspace.records.note_progress": _IMPORT,
    "workspace.records.queue_import": _IMPORT,
}


def flow_modules() -> Iterator[tuple[str, Any]]:
    """Every room's flows by its label."""
    for config in apps.get_app_configs():
        if config.name.startswith("safehold."):
            folder = Path(config.path)
            if (folder / "flows.py").exists() or (folder / "flows" / "__init__.py").exists():
                yield config.name, import_module(f"{config.name}.flows")


def called_in(room: Path) -> dict[str, set[str]]:
    """What each function and class of a room's flows speaks of, by bare names; "records!" where it writes an event."""
    calls: dict[str, set[str]] = {}
    for path in room.rglob("*.py"):
        if _FACES & {*path.parts, path.stem}:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                calls.setdefault(node.name, set()).update(set(_spoken_of(node)) - {node.name})
    return calls


def _spoken_of(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and _records(inner.func):
            yield "records!"
        elif isinstance(inner, ast.Call):
            func = inner.func
            yield func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
            # run_apart(scope, work, …) calls what it is given.
            yield from (given.id for given in inner.args if isinstance(given, ast.Name))


def _records(called: ast.expr) -> bool:
    """`audit.record(…)`, `recording.record(…)`, or `record(…)` itself: a variable of that name is no event."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr in _RECORDS and called.value.id in ("audit", "recording", "flows")
    return isinstance(called, ast.Name) and called.id in _RECORDS


def reaches(name: str, calls: dict[str, set[str]]) -> bool:
    """Whether a function comes to record something, itself or by what it calls in its room."""
    seen, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one == "records!":
            return True
        if one not in seen:
            seen.add(one)
            waiting += calls.get(one, set())
    return False


def silent() -> set[str]:
    """The public flows that leave no event, as room.function."""
    found = set()
    for name, module in flow_modules():
        calls = called_in(Path(module.__file__).parents[1 if module.__file__.endswith("__init__.py") else 0])
        for public in module.__all__:
            value = getattr(module, public)
            if inspect.isfunction(inspect.unwrap(value)) and not reaches(value.__name__, calls):
                found.add(f"{name.removeprefix('safehold.')}.{public}")
    return found


def test_every_flow_that_writes_leaves_an_event_or_says_why_not():
    found = silent()
    assert sorted(found - set(WITHOUT)) == [], "; ".join(sorted(found))
    assert sorted(set(WITHOUT) - found) == [], "these leave an event now: take them off the list"
    assert all(len(reason) > 20 for reason in WITHOUT.values())


def test_the_walk_finds_a_flow_that_forgets():
    calls = {"good": {"helper"}, "helper": {"records!"}, "bad": {"save"}, "save": set()}
    assert reaches("good", calls)
    assert not reaches("bad", calls)
