"""Nothing leaves but to a registered destination, whoever answers there, and whatever its name points to."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest

import factories
from safehold.foundation.egress.conf import ANSWER_BYTES, Purpose
from safehold.foundation.egress.errors import DeliveryFailed, Refused
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied, Invalid, NotFound
from support.receivers import Authority, receiving

pytestmark = pytest.mark.usefixtures("installation")

SECRET = "whsec_dont-tell-anybody"
ANY = "0.0.0.0"  # noqa: S104  (somebody types it; nothing listens there)


def registered(scope, url, purpose=Purpose.WEBHOOK):
    from safehold.foundation.egress import flows

    with scoped(scope):
        return flows.register_destination(scope=scope, url=url, purpose=purpose).id


def send(scope, destination_id, **more):
    from safehold.foundation.egress import flows

    given = {"path": f"/hook?key={SECRET}", "body": b"{}", "headers": {"Authorization": SECRET}}
    return flows.send(scope=scope, destination_id=destination_id, **given | more)


def row(scope, destination_id):
    from safehold.foundation.egress import selectors

    with scoped(scope):
        return selectors.destination(scope, destination_id)


def refusals(scope):
    from safehold.foundation.audit import selectors as audit

    with scoped(scope):
        found = audit.activity(scope=scope, filters=audit.Filters(type="egress.refused")).events
    return [each.fields for each in found]


def test_what_is_sent_arrives_and_the_answer_comes_back(scope, receiver):
    receiver.reply = lambda heard: (202, {"X-Seen": "yes"}, b"taken: " + heard.body)
    place = registered(scope, receiver.url)
    answer = send(scope, place, body=b"hello")
    assert (answer.status, answer.headers["X-Seen"], answer.body) == (202, "yes", b"taken: hello")
    (heard,) = receiver.heard
    assert heard.path == f"/hook?key={SECRET}"
    assert heard.headers["Host"] == f"localhost:{receiver.port}"
    kept = row(scope, place)
    assert (kept.failures, kept.trouble) == (0, "")
    assert kept.delivered_at is not None


def test_the_platform_has_destinations_of_its_own(scope, receiver):
    platform = factories.PLATFORM_SCOPE
    place = registered(platform, receiver.url, Purpose.WITNESS)
    assert send(platform, place).status == 200
    with pytest.raises(Refused):
        send(scope, place)
    with pytest.raises(NotFound):
        row(scope, place)


def test_nobody_sends_to_what_isnt_registered(scope, receiver):
    with pytest.raises(Refused, match="isn't registered"):
        send(scope, uuid4())
    other = factories.scope_of(factories.make_tenant(), "owner")
    with pytest.raises(Refused, match="isn't registered"):
        send(scope, registered(other, receiver.url))
    assert receiver.heard == []
    assert [each["why"] for each in refusals(scope)] == ["it isn't registered"] * 2


def test_an_ended_destination_takes_nothing_more(scope, receiver):
    from safehold.foundation.egress import flows, selectors

    place = registered(scope, receiver.url)
    assert registered(scope, receiver.url) == place
    with scoped(scope):
        flows.end_destination(scope=scope, destination_id=place)
        flows.end_destination(scope=scope, destination_id=place)
        assert not selectors.destinations(scope).exists()
    with pytest.raises(Refused, match="has ended"):
        send(scope, place)
    assert refusals(scope)[0] == {"host": f"localhost:{receiver.port}", "purpose": "webhook", "why": "it has ended"}
    assert registered(scope, receiver.url) != place
    assert receiver.heard == []


def test_who_may_not_change_settings_registers_nothing(receiver):
    viewer = factories.scope_of(factories.make_tenant(), "viewer")
    with pytest.raises(Denied):
        registered(viewer, receiver.url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "example.org", "https://", "https://user:pw@example.org/",
        "https://exa mple.org/", "https://example.org:99999/", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(scope, url):
    with pytest.raises((Invalid, DeliveryFailed)):
        registered(scope, url)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "[::1]", "[::ffff:127.0.0.1]", ANY])
def test_nothing_inside_is_registered(scope, allow, host):
    with pytest.raises(Refused, match="inside a network of its own"):
        registered(scope, f"https://{host}/latest/meta-data/")


def naming(monkeypatch, host, *addresses):
    """Have the name service say these addresses of a host, one after the other; what it was asked is given back."""
    real, left, asked = socket.getaddrinfo, list(addresses), []

    def look_up(name, port, *rest, **more):
        if name != host:
            return real(name, port, *rest, **more)
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (left.pop(0) if len(left) > 1 else left[0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_that_points_inside_later_leads_nowhere(scope, allow, authority, monkeypatch):
    naming(monkeypatch, "rebinding.example", "93.184.216.34", "127.0.0.1")
    with receiving(authority, certified_for="rebinding.example") as inside:
        place = registered(scope, f"https://rebinding.example:{inside.port}/")
        with pytest.raises(Refused, match="inside"):
            send(scope, place)
    assert inside.heard == []
    assert refusals(scope)[0]["host"] == f"rebinding.example:{inside.port}"


def test_the_connection_goes_to_the_address_that_was_judged(scope, allow, authority, monkeypatch):
    asked = naming(monkeypatch, "twice.example", "127.0.0.1")
    with receiving(authority, certified_for="twice.example") as there:
        allow(f"twice.example:{there.port}")
        place = registered(scope, f"https://twice.example:{there.port}/")
        asked.clear()
        assert send(scope, place).status == 200
    assert asked == ["twice.example"]


def test_a_redirect_isnt_followed(scope, receiver, authority):
    with receiving(authority) as other:
        receiver.reply = lambda _: (307, {"Location": f"https://localhost:{other.port}/"}, b"")
        assert send(scope, registered(scope, receiver.url)).status == 307
        assert other.heard == []


def test_a_certificate_for_another_name_is_no_certificate(scope, allow, authority):
    with receiving(authority, certified_for="another.example") as wrong:
        allow(f"localhost:{wrong.port}")
        place = registered(scope, wrong.url)
        with pytest.raises(DeliveryFailed, match="could not be reached"):
            send(scope, place)
    assert wrong.heard == []
    assert row(scope, place).failures == 1


def test_an_authority_that_nobody_named_isnt_believed(scope, allow, tmp_path):
    with receiving(Authority(tmp_path)) as stranger:
        allow(f"localhost:{stranger.port}")
        place = registered(scope, stranger.url)
        with pytest.raises(DeliveryFailed):
            send(scope, place)
    assert stranger.heard == []


def test_a_flood_of_an_answer_is_cut_off(scope, receiver):
    receiver.reply = lambda _: (200, {}, b"x" * (ANSWER_BYTES + 9000))
    place = registered(scope, receiver.url)
    with pytest.raises(DeliveryFailed, match="more than"):
        send(scope, place)


@contextmanager
def dripping(authority):
    """A server whose answer never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip():
            raw, _ = server.accept()
            with authority.context("localhost").wrap_socket(raw, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                while not over.is_set():
                    try:
                        connection.sendall(b"x" * 1024)
                    except OSError:
                        return
                    time.sleep(0.1)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join(5)


def test_a_dripping_answer_is_cut_off(scope, allow, authority, monkeypatch):
    from safehold.foundation.egress import gateway

    monkeypatch.setattr(gateway, "TOTAL_SECONDS", 0.5)
    with dripping(authority) as port:
        allow(f"localhost:{port}")
        place = registered(scope, f"https://localhost:{port}/")
        with pytest.raises(DeliveryFailed, match="longer than"):
            send(scope, place)


def test_nobody_there_is_a_failure_that_counts_and_tells_nothing_secret(scope, allow, caplog):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    allow(f"localhost:{port}")
    gone = registered(scope, f"https://localhost:{port}/")
    for count in (1, 2):
        with pytest.raises(DeliveryFailed) as caught:
            send(scope, gone)
        assert row(scope, gone).failures == count
    assert SECRET not in f"{caught.value} {caught.value.__context__!r} {row(scope, gone).trouble} {caplog.text}"


def test_the_environments_proxy_isnt_asked(scope, receiver, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(scope, registered(scope, receiver.url)).status == 200


def test_a_connection_of_ones_own_is_checked_alike(scope, allow, authority):
    from safehold.foundation.egress import flows

    with receiving(authority) as there:
        allow(f"localhost:{there.port}")
        place = registered(scope, f"tls://localhost:{there.port}", Purpose.STREAM)
        with flows.connected(scope=scope, destination_id=place) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert row(scope, place).delivered_at is not None
    with receiving(authority, certified_for="another.example") as wrong:
        allow(f"localhost:{wrong.port}")
        place = registered(scope, f"tls://localhost:{wrong.port}", Purpose.STREAM)
        with pytest.raises(DeliveryFailed), flows.connected(scope=scope, destination_id=place):
            pass
