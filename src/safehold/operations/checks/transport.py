"""ENC-1: the listener is asked what it agrees to, and the way to the database is looked at."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from safehold.kernel.installation import DatabaseLogin, Installation
from safehold.kernel.promise import Finding, Json, ProbeContext, broken, kept, unproven
from safehold.operations.processes.visit import client_context, connect_address
from safehold.operations.tls_scan import (
    SSL30,
    STRONG,
    STRONG_13,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
    WEAK,
    Reply,
    offer,
    plain_reply,
)

__all__ = ["check_database_hop", "check_listener"]

_OLD = {"SSL 3.0": SSL30, "TLS 1.0": TLS10, "TLS 1.1": TLS11}


def check_listener(probe: ProbeContext) -> Finding:
    """Offer the listener old versions, weak suites and plain text, which it must refuse, and strong ones."""
    if probe.url is None:
        return unproven("Nothing listens: the installation isn't running.")
    installation: Installation = settings.SAFEHOLD
    parts = urlsplit(probe.url)
    address, name = (connect_address(installation), parts.port or 443), parts.hostname or "localhost"
    try:
        faults, seen = _faults(address, name)
        if not faults:
            seen["certificate"], trouble = _handshake(installation, address, name)
            faults.extend([trouble] if trouble else [])
    except ConnectionRefusedError:
        return unproven(f"Nothing listens at {probe.url}.")
    evidence: dict[str, Json] = {"listener": f"{name}:{address[1]}", **seen}
    if faults:
        return broken("; ".join(faults), **evidence)
    return kept(
        "TLS 1.2 and 1.3 with strong suites only; older versions, weak suites and plain text refused", **evidence
    )


def _faults(address: tuple[str, int], name: str) -> tuple[list[str], dict[str, Json]]:
    """What the listener agreed to and shouldn't have, or refused and shouldn't have; and all that was seen."""
    everything = [*STRONG, *WEAK]
    replies = {label: offer(address, name, version, everything) for label, version in _OLD.items()}
    replies["weak suites"] = offer(address, name, TLS12, list(WEAK))
    good = {
        "TLS 1.2": offer(address, name, TLS12, list(STRONG)),
        "TLS 1.3": offer(address, name, TLS13, list(STRONG_13)),
    }
    faults = [f"{label} is accepted ({_told(reply)})" for label, reply in replies.items() if reply.suite is not None]
    faults += [f"{label} is refused ({reply.refusal})" for label, reply in good.items() if reply.suite is None]
    plain = plain_reply(address, name)
    if plain.startswith(b"HTTP/"):
        faults.append("plain HTTP is answered on the TLS port")
    seen: dict[str, Json] = {label: _told(reply) for label, reply in (replies | good).items()}
    seen["plain text"] = "answered" if plain.startswith(b"HTTP/") else "refused"
    return faults, seen


def _told(reply: Reply) -> str:
    if reply.suite is None:
        return f"refused: {reply.refusal}"
    names = STRONG | STRONG_13 | WEAK
    return names.get(reply.suite, f"suite {reply.suite:#06x}")


def _handshake(installation: Installation, address: tuple[str, int], name: str) -> tuple[str, str]:
    """A whole handshake as a careful visitor makes it, the certificate checked: what was agreed, and any trouble."""
    try:
        with (
            socket.create_connection(address, timeout=5) as raw,
            client_context(installation).wrap_socket(raw, server_hostname=name) as connection,
        ):
            cipher = connection.cipher()
            return f"valid; {connection.version()}, {cipher[0] if cipher else 'no cipher'}", ""
    except OSError as error:
        return "not valid", f"the certificate isn't valid for {name}: {error}"


def check_database_hop(probe: ProbeContext) -> Finding:
    """The app's own way to the database: a private Unix socket, or TLS with the certificate checked."""
    installation: Installation = settings.SAFEHOLD
    login = installation.login("app")
    if login.host.startswith("/"):
        return _socket_finding(Path(login.host), login.port)
    return _tls_finding(login)


def _socket_finding(folder: Path, port: int) -> Finding:
    socket_file = folder / f".s.PGSQL.{port}"
    try:
        mode, is_socket = folder.stat().st_mode, stat.S_ISSOCK(socket_file.stat().st_mode)
    except OSError as error:
        return broken(f"The database's socket can't be looked at: {error.strerror}")
    evidence: dict[str, Json] = {"kind": "unix socket", "folder mode": f"{stat.S_IMODE(mode):04o}"}
    if not is_socket or stat.S_IMODE(mode) & 0o077:
        return broken("Others than the service account can reach the database's socket.", **evidence)
    return kept("The database is reached over a Unix socket in a private folder", **evidence)


def _tls_finding(login: DatabaseLogin) -> Finding:
    options = dict(login.options)
    evidence: dict[str, Json] = {"kind": "TLS", "sslmode": options.get("sslmode", "unset")}
    if options.get("sslmode") != "verify-full":
        return broken("The database's certificate isn't verified.", **evidence)
    target = make_conninfo(host=login.host, port=login.port, dbname=login.name, user=login.user, **options)
    with psycopg.connect(target, password=login.password) as connection:
        in_use = connection.pgconn.ssl_in_use
    if not in_use:
        return broken("The connection to the database isn't encrypted.", **evidence)
    return kept("The database is reached over TLS, its certificate verified", **evidence)
