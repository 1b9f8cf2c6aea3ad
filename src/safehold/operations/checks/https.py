"""ENC-2: each kind of address is visited over HTTPS and over plain HTTP, and the answers' headers are read."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from http.client import HTTPResponse
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, Json, ProbeContext, broken, kept, unproven
from safehold.operations.processes.visit import client_context, connect_address

__all__ = ["ROUTES", "Visit", "check_https_is_forced"]

ROUTES = {
    "page": "/",
    "API": "/api/v1/openapi.json",
    "trust": "/trust/",
    "not found": "/no-such-page-here",
}
"""One address of each kind. The sign-in page's is looked up by name; a static file's is read from the pages."""

_YEAR = 31_536_000
_STATIC = re.compile(rb'(?:href|src)="(/static/[^"?#]+)')
_MAX_AGE = re.compile(r"max-age=\"?(\d+)")


def check_https_is_forced(probe: ProbeContext) -> Finding:
    """HSTS on every kind of answer, secure cookies, and plain HTTP only ever redirected."""
    if probe.url is None:
        return unproven("Nothing listens: the installation isn't running.")
    installation: Installation = settings.SAFEHOLD
    seen: dict[str, Json] = {}
    try:
        faults = _over_https(installation, probe.url, seen)
    except ConnectionRefusedError:
        return unproven(f"Nothing listens at {probe.url}.")
    faults += _over_http(installation, probe.url, seen)
    if faults:
        return broken("; ".join(faults), **seen)
    return kept("HSTS on every kind of address, secure cookies, plain HTTP redirected", **seen)


def _over_https(installation: Installation, url: str, seen: dict[str, Json]) -> list[str]:
    faults: list[str] = []
    routes = ROUTES | {"sign-in": reverse("account_login")}
    for label in (*routes, "static"):
        if label not in routes:
            faults.append("no page names a static file")
            continue
        answer, body = _get(installation, url, routes[label])
        if found := _STATIC.search(body):
            routes.setdefault("static", found.group(1).decode())
        hsts = answer.getheader("Strict-Transport-Security") or ""
        age = _MAX_AGE.search(hsts)
        seen[label] = {"path": routes[label], "status": answer.status, "hsts": hsts}
        if age is None or int(age.group(1)) < _YEAR:
            faults.append(f"{routes[label]} sends no HSTS of a year or more")
        faults += [f"{routes[label]} sets a cookie without {what}" for what in _loose_cookies(answer)]
    return faults


def _loose_cookies(answer: HTTPResponse) -> list[str]:
    """What each cookie of an answer lacks."""
    lacking = []
    for cookie in answer.headers.get_all("Set-Cookie") or []:
        said = {part.strip().lower().partition("=")[0] for part in cookie.split(";")[1:]}
        lacking += [what for what in ("Secure", "HttpOnly", "SameSite") if what.lower() not in said]
    return lacking


def _over_http(installation: Installation, url: str, seen: dict[str, Json]) -> list[str]:
    """Plain HTTP, where something listens for it: every address must be redirected to the same one over HTTPS."""
    if installation.http_port is None:
        seen["plain HTTP"] = "nothing listens for it, by setting"
        return []
    faults = []
    base = url.rstrip("/")
    for path in ROUTES.values():
        connection = http.client.HTTPConnection(connect_address(installation), installation.http_port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": installation.host})
            answer = connection.getresponse()
        except ConnectionRefusedError:
            seen["plain HTTP"] = "nothing listens for it"
            return []
        except (OSError, http.client.HTTPException):
            faults.append(f"{path} over plain HTTP gives no clean answer")
            continue
        finally:
            connection.close()
        location = answer.getheader("Location") or ""
        if answer.status not in {301, 308} or location != base + path:
            faults.append(f"{path} over plain HTTP isn't redirected to {base}{path}")
    seen["plain HTTP"] = "redirected" if not faults else "not redirected"
    return faults


class Visit(http.client.HTTPSConnection):
    """A visit to one address of this machine under the name that the certificate has to be valid for."""

    def __init__(self, address: tuple[str, int], name: str, context: ssl.SSLContext) -> None:
        super().__init__(name, address[1], timeout=15, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        """Connect to the address, then greet the name."""
        raw = socket.create_connection(self._address, self.timeout)
        self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)


def _get(installation: Installation, url: str, path: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    address = (connect_address(installation), parts.port or 443)
    connection = Visit(address, parts.hostname or "localhost", client_context(installation))
    try:
        connection.request("GET", path, headers={"Host": parts.netloc, "Accept": "text/html"})
        answer = connection.getresponse()
        return answer, answer.read(1_000_000)
    finally:
        connection.close()
