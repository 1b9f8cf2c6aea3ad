"""Nothing reaches out past the one way: modules that open connections are imported by these files only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "safehold"
OPENS = {
    *("urllib3", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "imaplib"),
    *("poplib", "telnetlib", "xmlrpc.client", "socket", "ssl", "asyncio.streams", "hvac", "boto3"),
}

# Each with what it reaches.
OURS = {
    "foundation/egress/gateway.py": "registered destinations, for everybody",
    "foundation/keys/openbao.py": "the OpenBao server of the settings, which keeps the keys",
    "foundation/egress/flows.py": "only names the type of a connection",
    "foundation/identity/probe.py": "this installation's own listener, in a check",
    "operations/checks/https.py": "this installation's own listener, in a check",
    "operations/checks/network.py": "this installation's own listener, in a check",
    "operations/checks/transport.py": "this installation's own listener and database, in a check",
    "operations/processes/start.py": "tries whether a port of this machine is free",
    "operations/processes/visit.py": "this installation's own listener, to see whether it answers",
    "operations/tls.py": "asks for this machine's name",
    "operations/tls_scan.py": "this installation's own listener, in a check",
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_one_way_out():
    found = {
        str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if any(name in OPENS for name in imported(path))
    }
    assert found == set(OURS), "send through foundation/egress, or say here what is reached"
