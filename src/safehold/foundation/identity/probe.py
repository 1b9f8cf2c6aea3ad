"""A browser of a few lines, for checks that walk through the product as a person would.

It speaks to the installation's own address over TLS where that listens, and otherwise to the application in this very
process; either way the request goes through the whole of the middleware.
"""

from __future__ import annotations

import http.client
import io
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse

from safehold.kernel.installation import Installation

__all__ = ["Answer", "Browser"]

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_AGENT = "Safehold-Probe/1"
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers in order, the body as text."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    @property
    def location(self) -> str:
        """Where it redirects to, if it does."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")


class Browser:
    """Keeps cookies and answers forms. `url` is the installation's address, or None for this process.

    In this process, `address` is where the server says that the browser is.
    """

    def __init__(self, url: str | None = None, *, address: str = "127.0.0.1") -> None:
        self.address = address
        self._application: Any = WSGIHandler() if url is None else None
        self.url = url
        self.origin = url or "https://localhost"
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page; redirects aren't followed."""
        return self._send("GET", path, b"", headers)

    def ask(self, method: str, path: str) -> Answer:
        """Send a request without a body."""
        return self._send(method, path, b"", {})

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send anything at all, as no page would."""
        return self._send(method, path, body, headers)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Fill in the form of a page and send it."""
        found = _TOKEN.search(self.get(path).body)
        body = urlencode({**fields, "csrfmiddlewaretoken": found[1] if found else ""}).encode()
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, email: str, password: str) -> Answer:
        """The first step of signing in."""
        return self.post(reverse("account_login"), {"login": email, "password": password})

    def sign_out(self) -> None:
        """Leave nothing behind."""
        self.post(reverse("account_logout"), {})

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(self.origin)
        sent = {
            "Host": parts.netloc,
            "User-Agent": _AGENT,
            "Origin": self.origin,
            "Referer": self.origin + path,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **headers,
        }
        answer = _over_tls(parts.netloc, method, path, body, sent) if self.url else self._here(method, path, body, sent)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return answer

    def _here(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Ask the application in this process, by way of its WSGI interface."""
        route, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": route,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "REMOTE_ADDR": self.address,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        begun: list[Any] = []

        def begin(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            begun.extend((status, headers))

        response: Any = self._application(environ, begin)
        try:
            text = b"".join(response).decode(errors="replace")
        finally:
            response.close()
        return Answer(int(begun[0].split()[0]), begun[1], text)


def _over_tls(address: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Ask the installation's own listener, whose certificate has to be the installation's."""
    installation: Installation = settings.SAFEHOLD
    name = "served-cert.pem" if installation.tls_cert else "cert.pem"
    context = ssl.create_default_context(cafile=str(installation.home / "tls" / name))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # this very certificate, whoever signed it
    connection = http.client.HTTPSConnection(address, timeout=_PATIENCE, context=context)
    try:
        connection.request(method, path, body or None, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read().decode(errors="replace"))
    finally:
        connection.close()
