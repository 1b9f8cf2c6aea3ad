"""A browser without a screen for whole installations: HTTPS with the made certificate, cookies, forms, redirects."""

from __future__ import annotations

import http.client
import ssl
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from support.pages import Page

__all__ = ["Answer", "Surfer"]

_MOST_REDIRECTS = 10


@dataclass(frozen=True)
class Answer:
    """One answer, after the redirects that led to it."""

    status: int
    url: str
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def words(self) -> str:
        """What stands on the page, without tags, with single spaces."""
        return next((text for tag, _, text in Page(self.text).named("body")), "")


@dataclass
class Surfer:
    """Somebody with a browser; the certificate is checked against the installation's own."""

    home: Path
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path)

    def post(
        self, path: str, values: dict[str, Any] | None = None, file: tuple[str, bytes] | None = None, page: str = ""
    ) -> Answer:
        """Send a form to an address; the form stands on the page there, or on the named one."""
        given = {"csrfmiddlewaretoken": self._token(page or path), **(values or {})}
        if file is None:
            body, kind = urlencode(given).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(given, file)
        return self._ask("POST", path, body, kind)

    def sign_in(self, email: str, password: str, code: str = "") -> Answer:
        """Password, then the code where one is asked for."""
        answer = self.post("/account/sign-in/", {"login": email, "password": password})
        return self.post("/account/sign-in/code/", {"code": code}) if code else answer

    def _token(self, path: str) -> str:
        inputs = Page(self.get(path).text).named("input")
        return next(a["value"] for _, a, _ in inputs if a.get("name") == "csrfmiddlewaretoken")

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        url = urljoin(f"https://localhost:{self.port}", path)
        for _ in range(_MOST_REDIRECTS):
            answer = self._once(method, url, body, kind)
            if answer.status not in {301, 302, 303, 307, 308}:
                return answer
            method, body, kind, url = "GET", None, "", urljoin(url, answer.headers["Location"])
        raise AssertionError(f"{url} leads nowhere")

    def _once(self, method: str, url: str, body: bytes | None, kind: str) -> Answer:
        parts = urlsplit(url)
        assert parts.port == self.port, url
        context = ssl.create_default_context(cafile=str(self.home / "tls" / "cert.pem"))
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=context)
        headers = {"Referer": url, "Origin": f"https://localhost:{self.port}", "Accept": "text/html"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if kind:
            headers["Content-Type"] = kind
        try:
            connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, headers)
            response = connection.getresponse()
            found = Answer(response.status, url, response.headers, response.read())
        finally:
            connection.close()
        for line in found.headers.get_all("Set-Cookie") or []:
            self._keep(line)
        return found

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _multipart(values: dict[str, Any], file: tuple[str, bytes]) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n'
    parts += [f"{head}Content-Type: text/csv\r\n\r\n".encode(), file[1], f"\r\n--{mark}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={mark}"
