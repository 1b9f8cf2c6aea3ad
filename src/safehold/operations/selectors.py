"""Reading how an installation stands: what runs, where, and how old its database server is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from safehold.operations.installation import load
from safehold.operations.processes.records import State, alive, is_held, read_state
from safehold.operations.releases import age_of
from safehold.operations.sealing import sealing_of

__all__ = ["listening_url", "status"]


def status(home: Path, today: date | None = None) -> dict[str, object]:
    """What `safehold status --json` prints: the URL, each process with its pid and state, the database, sealing."""
    state = read_state(home)
    held = is_held(home)
    day = today or datetime.now(UTC).date()
    return {
        "url": state.url if held and state.state == "running" else None,
        "state": state.state if held else "stopped",
        "home": str(home),
        "account": state.account,
        "processes": _processes(state, held=held),
        "database": _database(state, day),
        "sealing": sealing_of(load(home)) if held and state.state == "running" else None,
        "notes": state.notes if held else [],
    }


def listening_url(home: Path) -> str | None:
    """The installation's own address while its web process listens."""
    state = read_state(home)
    up = any(entry.name == "web" and alive(entry.pid, entry.started) for entry in state.processes)
    return state.url if up else None


def _processes(state: State, *, held: bool) -> list[dict[str, object]]:
    entries = [entry for entry in state.processes if held or alive(entry.pid, entry.started)]
    supervisor = {"name": "supervisor", "pid": state.supervisor, "state": "running", "restarts": 0, "trouble": ""}
    rows: list[dict[str, object]] = [supervisor] if held else []
    for entry in entries:
        lives = alive(entry.pid, entry.started)
        now = entry.state if lives or entry.pid is None else "ended"
        row = {"name": entry.name, "pid": entry.pid, "state": now}
        rows.append({**row, "restarts": entry.restarts, "trouble": entry.trouble})
    return rows


def _database(state: State, today: date) -> dict[str, object]:
    """Where the server is and how old its version; what isn't known yet is left out."""
    found: dict[str, object] = dict(state.database)
    if version := state.database.get("version"):
        age = age_of(version)
        found["age"] = age.sentence(today)
        found["released"] = age.released.isoformat() if age.released else None
        found["age_days"] = (today - age.released).days if age.released else None
        found["newest_known"] = age.newest
        found["releases_behind"] = age.behind
    return found
