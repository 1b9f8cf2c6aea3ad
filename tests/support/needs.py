"""What some tests need from Debian: they are left out where it's missing, and said so; in CI that's a failure."""

from __future__ import annotations

import os
import shutil

import pytest

_LEFT_OUT = pytest.StashKey[dict[str, int]]()

# Marker → the programs that would do, and the package that brings one.
_NEEDS = {
    "browser": (("chromium", "chromium-browser", "google-chrome"), "Chromium (apt-get install chromium libatomic1)"),
    "pgbouncer": (("pgbouncer", "/usr/sbin/pgbouncer"), "PgBouncer (apt-get install pgbouncer)"),
    "debian_postgres": (("/usr/lib/postgresql/15/bin/postgres",), "PostgreSQL 15 (apt-get install postgresql-15)"),
}


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what can't run here, and mark what uses the database, so that it can be chosen by that."""
    left_out = config.stash.setdefault(_LEFT_OUT, {})
    missing = {mark: what for mark, (programs, what) in _NEEDS.items() if not any(map(shutil.which, programs))}
    for item in items:
        if "installation" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
        for mark, what in missing.items():
            if item.get_closest_marker(mark) is not None:
                item.add_marker(pytest.mark.skip(reason=f"needs {what}"))
                left_out[what] = left_out.get(what, 0) + 1


def report(terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end what was left out."""
    for what, count in _left_out(terminal, config).items():
        terminal.write_line(f"Left out: {count} tests need {what}")


def fail_in_ci(session: pytest.Session) -> None:
    """A run in CI that left something out has failed."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and terminal is not None and _left_out(terminal, session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _left_out(terminal: pytest.TerminalReporter, config: pytest.Config) -> dict[str, int]:
    """Counted here, or, where xdist's workers collected, from the reasons they gave."""
    found = dict(config.stash.get(_LEFT_OUT, {}))
    if found:
        return found
    for skipped in terminal.stats.get("skipped", []):
        reason = str(skipped.longrepr[2]) if isinstance(skipped.longrepr, tuple) else ""
        for _, what in _NEEDS.values():
            if what in reason:
                found[what] = found.get(what, 0) + 1
    return found
