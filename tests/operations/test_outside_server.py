"""An outside server: Debian's PostgreSQL with TLS, as an operator would bring."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.test import override_settings

from safehold.kernel.installation import Installation
from safehold.kernel.promise import ProbeContext, Result
from safehold.operations.account import service_account
from safehold.operations.checks.transport import check_database_hop
from safehold.operations.database.place import prepare_place
from safehold.operations.database.programs import find_programs
from safehold.operations.database.server import Server
from safehold.operations.installation import SUPERUSER_PASSWORD, load
from safehold.operations.processes.spawn import spawn
from safehold.operations.tls import served_pair
from support import homes
from support.ports import free_port

pytestmark = pytest.mark.debian_postgres

PROBE = ProbeContext(datetime.now(UTC), UUID(int=1), UUID(int=2))


@dataclass
class Outside:
    """A server on a TCP port, and the address of its administrator, who is no superuser."""

    admin_url: str
    authority: Path


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    made = homes.make_home(postgres_bin="/usr/lib/postgresql/15/bin", allow_old_server=True)
    account = service_account(made.home)
    place = prepare_place(made.home, account)
    programs = find_programs(made.postgres_bin, account)
    server = Server(place, programs, account, made.logs / "database.log")
    server.create(made.secret(SUPERUSER_PASSWORD).decode())
    pair = served_pair(made, datetime.now(UTC))
    for name, source in (("server.crt", pair.cert), ("server.key", pair.key)):
        copy = place.data / name
        copy.write_bytes(source.read_bytes())
        copy.chmod(0o600)
        account.own(copy)
    hba = place.data / "outside_hba.conf"
    hba.write_text("local all all scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    account.own(hba)
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "ssl": "on", "ssl_min_protocol_version": "TLSv1.3"}
    settings |= {"hba_file": str(hba), "unix_socket_directories": str(place.sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [programs.path("postgres"), "-D", str(place.data), "-p", str(port), *options]
    process = spawn(command, account=account, log=made.logs / "database.log", on_parent_death=signal.SIGINT)
    make_admin(made, place.sockets, port)
    tls = f"sslmode=verify-full&sslrootcert={pair.cert}"
    yield Outside(f"postgresql://operator:given@localhost:{port}/postgres?{tls}", pair.cert)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    homes.remove_home(made.home)


def make_admin(made: Installation, sockets: Path, port: int) -> None:
    password = made.secret(SUPERUSER_PASSWORD).decode()
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            with psycopg.connect(host=str(sockets), port=port, user="postgres", password=password) as connection:
                connection.execute("CREATE ROLE operator LOGIN CREATEROLE CREATEDB PASSWORD 'given'")
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def ours(outside: Outside) -> Iterator[Installation]:
    """An installation on that server, prepared."""
    made = homes.make_home(database_admin_url=outside.admin_url, allow_old_server=True)
    homes.prepare(made)
    yield made
    homes.remove_home(made.home)


def test_roles_and_tables_are_made_through_an_administrator_without_superuser(ours: Installation) -> None:
    login = ours.login("app")

    with psycopg.connect(
        host=login.host,
        port=login.port,
        dbname=login.name,
        user=login.user,
        password=login.password,
        **dict(login.options),  # type: ignore[arg-type]
    ) as connection:
        assert connection.pgconn.ssl_in_use
        row = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False, False)
        assert connection.execute("SELECT to_regclass('tenancy_tenant')").fetchone() != (None,)


def test_prepared_again_nothing_breaks(ours: Installation) -> None:
    homes.prepare(ours)


def test_enc_1_is_kept_over_verified_tls(ours: Installation) -> None:
    with override_settings(SAFEHOLD=ours):
        found = check_database_hop(PROBE)

    assert found.result is Result.KEPT
    assert found.evidence == {"kind": "TLS", "sslmode": "verify-full"}


def test_another_authority_is_not_trusted(ours: Installation) -> None:
    other = homes.make_home()
    wrong = served_pair(other, datetime.now(UTC)).cert
    options = (("sslmode", "verify-full"), ("sslrootcert", str(wrong)))
    with (
        override_settings(SAFEHOLD=replace(ours, database_options=options)),
        pytest.raises(psycopg.OperationalError, match="certificate verify failed"),
    ):
        check_database_hop(PROBE)
    homes.remove_home(other.home)


def test_the_settings_hold_the_options_for_every_role(ours: Installation, outside: Outside) -> None:
    loaded = load(ours.home)

    for role in ("owner", "app", "sealer", "backup", "staff"):
        assert dict(loaded.login(role).options) == {"sslmode": "verify-full", "sslrootcert": str(outside.authority)}
