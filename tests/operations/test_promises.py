from __future__ import annotations

import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, Result
from safehold.operations.account import current_account
from safehold.operations.checks.https import check_https_is_forced
from safehold.operations.checks.network import check_no_network_is_trusted
from safehold.operations.checks.transport import check_database_hop, check_listener
from safehold.operations.processes.service import start_program
from safehold.operations.processes.visit import is_answering
from safehold.operations.promises import CHECKS, PROMISES
from safehold.operations.tls import Pair, served_pair
from support import homes, listeners
from support.listeners import Answer, listener
from support.ports import free_port

GOOD = {"Strict-Transport-Security": "max-age=63072000"}
FIRST_PAGE = b'<link href="/static/ui/style.css" rel="stylesheet">'


@pytest.fixture
def home() -> Iterator[Installation]:
    made = homes.make_home()
    with override_settings(SAFEHOLD=made):
        yield made
    homes.remove_home(made.home)


@pytest.fixture
def pair(home: Installation) -> Pair:
    return served_pair(home, datetime.now(UTC))


def probe(port: int | None) -> ProbeContext:
    url = None if port is None else f"https://localhost:{port}"
    return ProbeContext(datetime.now(UTC), UUID(int=1), UUID(int=2), url)


def fine(path: str) -> Answer:
    return (404 if path.startswith("/no-such") else 200), GOOD, FIRST_PAGE if path == "/" else b""


@pytest.fixture(scope="module")
def web(installation: Installation) -> Iterator[Installation]:
    """The suite's installation with its pages and its redirect really served."""
    served = replace(installation, port=free_port(), http_port=free_port())
    served_pair(served, datetime.now(UTC))
    ports = {"SAFEHOLD_PORT": str(served.port), "SAFEHOLD_HTTP_PORT": str(served.http_port)}
    children = [start_program(name, served.home, current_account(), ports) for name in ("web", "redirect")]
    deadline = time.monotonic() + 60
    while not is_answering(served):
        assert children[0].poll() is None, (served.logs / "web.log").read_text()[-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield served
    for child in children:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait(20)


def test_every_promise_of_this_room_is_worded_once() -> None:
    ids = [promise.id for promise in PROMISES]

    assert ids == ["ENC-1", "ENC-2", *(f"RES-{number}" for number in range(1, 10))]
    assert {check.promise for check in CHECKS} == {"ACC-7", "AUD-6", "AUD-7", "AUD-8", "ENC-1", "ENC-2"}


@pytest.mark.parametrize("check", [check_listener, check_https_is_forced])
def test_what_does_not_listen_is_unproven(web: Installation, check: object) -> None:
    with override_settings(SAFEHOLD=web):
        assert check(probe(None)).result is Result.UNPROVEN  # type: ignore[operator]
        assert check(probe(free_port())).result is Result.UNPROVEN  # type: ignore[operator]


def test_enc_1_is_kept_by_the_real_listener(web: Installation) -> None:
    with override_settings(SAFEHOLD=web):
        found = check_listener(probe(web.port))

    assert found.result is Result.KEPT, found
    assert found.evidence["TLS 1.1"] == "refused: alert 70"
    assert found.evidence["plain text"] == "refused"
    assert str(found.evidence["certificate"]).startswith("valid; TLSv1.3")


def listener_finding(context: ssl.SSLContext | None) -> Finding:
    with listener(fine, context) as port:
        return check_listener(probe(port))


def test_enc_1_good_settings_of_another_server_are_kept(pair: Pair) -> None:
    assert listener_finding(listeners.tls(*pair)).result is Result.KEPT


def test_enc_1_is_broken_by_tls_1_1(pair: Pair) -> None:
    found = listener_finding(listeners.old_tls(*pair))

    assert found.result is Result.BROKEN
    assert "TLS 1.1 is accepted" in found.summary


def test_enc_1_is_broken_by_a_weak_suite(pair: Pair) -> None:
    found = listener_finding(listeners.weak_tls(*pair))

    assert found.result is Result.BROKEN
    assert "weak suites is accepted (ECDHE-ECDSA-AES128-SHA)" in found.summary


def test_enc_1_is_broken_by_plain_text(home: Installation) -> None:
    found = listener_finding(None)

    assert found.result is Result.BROKEN
    assert "plain HTTP is answered on the TLS port" in found.summary


def test_enc_1_is_broken_by_somebody_elses_certificate(home: Installation, pair: Pair) -> None:
    other = homes.make_home()
    found = listener_finding(listeners.tls(*served_pair(other, datetime.now(UTC))))
    homes.remove_home(other.home)

    assert found.result is Result.BROKEN
    assert "the certificate isn't valid for localhost" in found.summary


def test_enc_1_the_real_way_to_the_database_is_private(installation: Installation) -> None:
    with override_settings(SAFEHOLD=installation):
        found = check_database_hop(probe(None))

    assert found.result is Result.KEPT
    assert found.evidence == {"kind": "unix socket", "folder mode": "0700"}


def test_enc_1_is_broken_by_a_socket_folder_that_others_enter(home: Installation, tmp_path: Path) -> None:
    short = homes.make_home().home
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short / ".s.PGSQL.5432"))
        short.chmod(0o755)
        with override_settings(SAFEHOLD=replace(home, database_host=str(short))):
            found = check_database_hop(probe(None))
    homes.remove_home(short)

    assert found.result is Result.BROKEN


def test_enc_1_is_broken_by_a_database_whose_certificate_is_not_verified(home: Installation) -> None:
    loose = replace(home, database_host="db.example", database_options=(("sslmode", "require"),))
    with override_settings(SAFEHOLD=loose):
        found = check_database_hop(probe(None))

    assert found.result is Result.BROKEN
    assert found.evidence["sslmode"] == "require"


def test_enc_2_is_kept_by_the_real_pages(web: Installation) -> None:
    with override_settings(SAFEHOLD=web):
        found = check_https_is_forced(probe(web.port))

    assert found.result is Result.KEPT, found
    assert set(found.evidence) == {"page", "sign-in", "API", "trust", "not found", "static", "plain HTTP"}
    assert found.evidence["plain HTTP"] == "redirected"


def test_acc_7_the_real_listener_lets_nobody_in(web: Installation) -> None:
    with override_settings(SAFEHOLD=web):
        found = check_no_network_is_trusted(probe(web.port))

    assert found.result is Result.KEPT, found
    assert found.evidence["listener"] == "asked"


@pytest.mark.usefixtures("installation")
def test_acc_7_a_listener_that_answers_is_found_out(home: Installation, pair: Pair) -> None:
    with listener(fine, listeners.tls(*pair)) as port, override_settings(SAFEHOLD=home):
        found = check_no_network_is_trusted(probe(port))

    assert found.result is Result.BROKEN
    assert any("listener, claiming nothing: 200" in each for each in found.evidence["let_in"])


def https_finding(home: Installation, pair: Pair, answer: listeners.Callable[[str], Answer], plain: int) -> Finding:
    with (
        listener(answer, listeners.tls(*pair)) as port,
        override_settings(SAFEHOLD=replace(home, http_port=plain or None)),
    ):
        return check_https_is_forced(probe(port))


def test_enc_2_good_answers_are_kept(home: Installation, pair: Pair) -> None:
    assert https_finding(home, pair, fine, 0).result is Result.KEPT


@pytest.mark.parametrize("path", ["/", "/account/sign-in/", "/api/v1/openapi.json", "/trust/", "/no-such-page-here"])
def test_enc_2_is_broken_by_one_kind_of_address_without_hsts(home: Installation, pair: Pair, path: str) -> None:
    def answer(asked: str) -> Answer:
        status, headers, body = fine(asked)
        return status, ({} if asked == path else headers), body

    found = https_finding(home, pair, answer, 0)

    assert found.result is Result.BROKEN
    assert found.summary == f"{path} sends no HSTS of a year or more"


def test_enc_2_is_broken_by_a_short_hsts(home: Installation, pair: Pair) -> None:
    def answer(asked: str) -> Answer:
        status, _, body = fine(asked)
        return status, {"Strict-Transport-Security": "max-age=3600"}, body

    assert https_finding(home, pair, answer, 0).result is Result.BROKEN


def test_enc_2_is_broken_by_a_cookie_that_travels_in_clear(home: Installation, pair: Pair) -> None:
    def answer(asked: str) -> Answer:
        status, headers, body = fine(asked)
        return status, dict(headers) | {"Set-Cookie": "id=1; HttpOnly; SameSite=Lax"}, body

    found = https_finding(home, pair, answer, 0)

    assert found.result is Result.BROKEN
    assert "sets a cookie without Secure" in found.summary


def test_enc_2_is_broken_by_pages_over_plain_http(home: Installation, pair: Pair) -> None:
    with listener(fine) as plain:
        found = https_finding(home, pair, fine, plain)

    assert found.result is Result.BROKEN
    assert "over plain HTTP isn't redirected" in found.summary
