"""The browser that checks use: in this process, and over TLS to the installation's own listener."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytestmark = pytest.mark.usefixtures("installation")


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", "/there/")
        self.send_header("Set-Cookie", "__Host-x=1; Path=/; Secure")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def listener(installation):
    """An HTTPS server with a certificate of its own."""
    servers = []

    def start(certificate, key):
        server = HTTPServer(("127.0.0.1", 0), Answering)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"https://localhost:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_over_tls_the_certificate_is_the_installations(listener, installation, tmp_path):
    from dataclasses import replace

    from safehold.foundation.identity.probe import Browser
    from safehold.foundation.scope.clock import now
    from safehold.operations.tls import served_pair

    served_pair(installation, now())
    own = installation.home / "tls"
    browser = Browser(listener(own / "cert.pem", own / "key.pem"))
    answer = browser.get("/here/")
    assert (answer.status, answer.location) == (302, "/there/")
    assert browser.cookies == {"__Host-x": "1"}
    (tmp_path / "tls").mkdir()
    served_pair(replace(installation, home=tmp_path), now())
    with pytest.raises(ssl.SSLError):
        Browser(listener(tmp_path / "tls" / "cert.pem", tmp_path / "tls" / "key.pem")).get("/here/")


def test_in_this_process_forms_and_cookies_work(make_person):
    from safehold.foundation.identity.probe import Browser

    person, browser = make_person(), Browser()
    assert browser.get("/account/").location.startswith("/account/sign-in/")
    assert browser.sign_in(person.email, person.password).location == "/"
    assert browser.get("/account/").status == 200
    browser.sign_out()
    assert browser.get("/account/").location.startswith("/account/sign-in/")
    assert browser.sign_in(person.email, "wrong wrong wrong wrong").location == ""
