"""PgBouncer in transaction mode in front of the suite's server, where SAFEHOLD_TEST_POOLER asks for it.

Everything that Django does as the app role and as the staff's, and the worker with its queue, then goes through it,
over fewer server connections than there are clients.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from safehold.kernel.installation import Installation
from safehold.operations.account import service_account
from support.installations import eventually

__all__ = ["PROGRAM", "asked_for", "forget_logins", "in_front_of", "server_process"]

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
PORT = 6432
CONSOLE = "console of the tests"

SETTINGS = """\
[databases]
* = host={sockets} port={port}

[pgbouncer]
unix_socket_dir = {sockets}
listen_addr =
listen_port = {own_port}
auth_type = scram-sha-256
auth_file = {folder}/users.txt
admin_users = console
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
logfile = {folder}/pgbouncer.log
"""


def asked_for() -> bool:
    """Whether this run goes through PgBouncer."""
    return bool(os.environ.get("SAFEHOLD_TEST_POOLER"))


@contextmanager
def in_front_of(installation: Installation) -> Iterator[None]:
    """Run PgBouncer beside the home's server, and send Django through it."""
    folder, account = installation.home / "pooler", service_account(installation.home)
    folder.mkdir(mode=0o700)
    login, *others = [installation.login(role) for role in ("app", "staff", "queue")]
    users = {each.user: each.password for each in (login, *others)} | {"console": CONSOLE}
    (folder / "users.txt").write_text("".join(f'"{name}" "{password}"\n' for name, password in users.items()))
    (folder / "pgbouncer.ini").write_text(
        SETTINGS.format(sockets=login.host, port=login.port, own_port=PORT, folder=folder)
    )
    account.own_all(folder)
    user = {} if account.is_current else {"user": account.uid, "group": account.gid, "extra_groups": []}
    process = subprocess.Popen([str(PROGRAM), "-q", str(folder / "pgbouncer.ini")], cwd="/", **user)
    try:
        eventually(lambda: Path(login.host, f".s.PGSQL.{PORT}").exists() or process.poll() is not None)
        assert process.poll() is None, (folder / "pgbouncer.log").read_text()
        _send_django_through(installation)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _send_django_through(installation: Installation) -> None:
    from django.conf import settings
    from django.db import connections

    settings.SAFEHOLD = replace(settings.SAFEHOLD, pooled=True)
    for alias in ("default", "staff"):
        connections.settings[alias] |= {"PORT": str(PORT), "DISABLE_SERVER_SIDE_CURSORS": True}


def forget_logins() -> None:
    """Have what a role may and starts with count anew: PgBouncer keeps its logins to the server."""
    from django.db import connections

    if asked_for():
        host = connections.settings["default"]["HOST"]
        with psycopg.connect(
            host=host, port=PORT, user="console", password=CONSOLE, dbname="pgbouncer", autocommit=True
        ) as console:
            console.pgconn.exec_(b"RECONNECT")  # the console knows the simple protocol alone


def server_process(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """Who serves this connection: behind PgBouncer libpq doesn't know, and the server used last is used again."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
