"""What happens before the first process starts: who runs what, whose files are whose, are the ports free."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

from safehold.kernel.installation import Installation
from safehold.operations.account import Account, current_account, service_account
from safehold.operations.database.place import prepare_place
from safehold.operations.database.programs import find_programs
from safehold.operations.database.server import Server
from safehold.operations.errors import StartProblem
from safehold.operations.installation import SUPERUSER_PASSWORD

__all__ = ["app_account", "database_server", "port_problem", "require_port"]


def app_account(installation: Installation) -> tuple[Account, str]:
    """The account of web, worker and sealer, and a note where that had to be root."""
    current = current_account()
    if current.uid != 0:
        return current, ""
    if not installation.drop_privileges:
        return current, "Everything but the database runs as root, since drop_privileges is false."
    account = service_account(installation.home)
    if not account.may("x", installation.home):
        return current, _stays_root(account, installation.home)
    if not account.runs([sys.executable, "-P", "-c", "import safehold.kernel, django"]):
        return current, _stays_root(account, Path(sys.executable))
    if min(installation.port, installation.http_port or 65535) < _first_open_port():
        return current, "Everything but the database runs as root: only root may listen on a port below 1024 here."
    return account, ""


def _stays_root(account: Account, place: Path) -> str:
    return f"Everything but the database runs as root: the account {account.name} can't reach {place}."


def _first_open_port() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    except (OSError, ValueError):
        return 1024


def database_server(installation: Installation) -> Server | None:
    """The home's own server, made if there is none yet; None where an outside one is used."""
    if installation.database_admin_url is not None:
        return None
    account = service_account(installation.home)
    place = prepare_place(installation.home, account)
    server = Server(
        place, find_programs(installation.postgres_bin, account), account, installation.logs / "database.log"
    )
    server.create(installation.secret(SUPERUSER_PASSWORD).decode())
    return server


def require_port(installation: Installation) -> None:
    """Raise, with what to do, unless the HTTPS port can be listened on."""
    if problem := port_problem(installation.bind, installation.port):
        raise StartProblem(problem, hint="Choose another: `safehold up --port N`")


def port_problem(address: str, port: int) -> str:
    """Why a port can't be listened on; nothing when it can."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((address, port))
            trial.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} on {address} is taken by another program."
        if error.errno == errno.EACCES:
            return f"You may not listen on port {port} (only root may, below {_first_open_port()})."
        return f"Port {port} on {address} can't be used: {os.strerror(error.errno or 0)}."
    return ""
