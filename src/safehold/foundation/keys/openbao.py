"""What this product asks of an OpenBao server, and the token that it asks with.

Not hvac: its exceptions quote the whole answer, in which a batch that failed for one item holds what all others opened
to (docs/decisions/openbao.md). Here an answer's data is read by who asked, or by nobody: errors hold a status alone.

A token lives for a time. It is renewed once two thirds of that are over; where the server refuses it before, whoever
asked logs in once more and asks again, once.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from safehold.kernel.errors import Denied, Invalid, Problem, Unavailable

__all__ = ["BaoClient", "BaoPlace", "BaoRefused", "BaoUnreachable", "segment"]

_SECONDS = urllib3.Timeout(connect=3.0, read=10.0)
_RENEW_AFTER = 2 / 3
_MOST_BYTES = 8 << 20


class BaoUnreachable(Unavailable):
    """OpenBao, which keeps the keys, can't be reached. Nothing was changed."""

    code = "openbao-unreachable"


class BaoRefused(Exception):
    """The server refused: its status, and `says` by which the caller tells one refusal from another."""

    def __init__(self, status: int, says: frozenset[str]) -> None:
        super().__init__(f"status {status}")
        self.status, self.says = status, says


@dataclass(frozen=True, slots=True)
class BaoPlace:
    """Where the server is, what its certificate has to lead to, and the role that this installation logs in as.

    `url` is `https://HOST[:PORT]`; `authority` is a file of certificates (PEM), None for those that the machine trusts;
    `secret_id` gives the role's secret each time that it is needed. It is kept in no attribute.
    """

    url: str
    role_id: str
    secret_id: Callable[[], str]
    authority: Path | None = None
    namespace: str = ""

    def __post_init__(self) -> None:
        found = urlsplit(self.url)
        if found.scheme != "https" or not found.hostname or found.path.strip("/") or found.query or found.username:
            problem = Problem("openbao_url", "https://HOST:PORT, without a path", self.url[:60])
            raise Invalid("The address of OpenBao can't be used.", problems=(problem,))


@dataclass(slots=True, repr=False)
class _Token:
    text: str
    renewable: bool
    renew_at: float
    ends_at: float


def segment(name: str) -> str:
    """One part of a path, whatever is in it: nothing that somebody named becomes a path of its own."""
    if name in {"", ".", ".."}:
        raise Invalid("That can't be part of a path.", problems=(Problem("name", "a name that says something", name),))
    return quote(name, safe="")


class BaoClient:
    """Asks one server as one role. Threads may share it."""

    def __init__(self, place: BaoPlace, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: _Token | None = None
        trust = ssl.create_default_context(cafile=str(place.authority) if place.authority else None)
        trust.minimum_version = ssl.TLSVersion.TLSv1_2
        found = urlsplit(place.url)
        self._pool = urllib3.HTTPSConnectionPool(
            str(found.hostname), found.port or 443, ssl_context=trust, timeout=_SECONDS, maxsize=8, retries=False
        )

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """The answer's data; None where there is nothing. `path` is what follows `/v1/`, made of `segment`s.

        Raises `BaoRefused` where the server won't, `BaoUnreachable` where it can't answer.
        """
        token = self._valid()
        status, answer = self._send(method, path, body, token.text)
        if status in {401, 403}:
            status, answer = self._send(method, path, body, self._log_in(instead_of=token).text)
        return _data(status, answer)

    def unwrap_secret_id(self, wrapping_token: str) -> str:
        """The SecretID in a wrapping token, which opens once. One that was opened before has gone to somebody else."""
        status, answer = self._send("POST", "sys/wrapping/unwrap", {}, wrapping_token)
        data = answer.get("data")
        if status != 200 or not isinstance(data, dict) or not data.get("secret_id"):
            raise Denied(
                "OpenBao doesn't open this wrapping token: its time is over, or somebody opened it before you.",
                hint="Make a new SecretID. If nobody of yours opened this one, destroy it: somebody else has it.",
            )
        return str(data["secret_id"])

    def _valid(self) -> _Token:
        with self._lock:
            token, now = self._token, self._monotonic()
        if token is None or now >= token.ends_at:
            return self._log_in(instead_of=token)
        if now >= token.renew_at and token.renewable:
            return self._renew(token)
        return token

    def _log_in(self, *, instead_of: _Token | None) -> _Token:
        with self._lock:
            if self._token is not None and self._token is not instead_of:
                return self._token  # another thread was quicker
            body = {"role_id": self._place.role_id, "secret_id": self._place.secret_id()}
            status, answer = self._send("POST", "auth/approle/login", body, "")
            if status in {400, 401, 403}:
                raise BaoUnreachable(
                    "OpenBao doesn't take this installation's role and secret.",
                    hint="Give it a new SecretID: `safehold keys openbao`",
                )
            return self._take(_auth(status, answer))

    def _renew(self, token: _Token) -> _Token:
        status, answer = self._send("POST", "auth/token/renew-self", {}, token.text)
        if status in {400, 401, 403}:
            return self._log_in(instead_of=token)
        with self._lock:
            return self._take(_auth(status, answer))

    def _take(self, auth: dict[str, Any]) -> _Token:
        now, seconds = self._monotonic(), float(auth["lease_duration"]) or float("inf")
        self._token = _Token(
            str(auth["client_token"]), bool(auth["renewable"]), now + seconds * _RENEW_AFTER, now + seconds
        )
        return self._token

    def _send(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> tuple[int, dict[str, Any]]:
        headers = {"X-Vault-Request": "true", "Content-Type": "application/json"}
        headers |= {"X-Vault-Token": token} if token else {}
        headers |= {"X-Vault-Namespace": self._place.namespace} if self._place.namespace else {}
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = self._pool.request(
                method, f"/v1/{path}", body=content, headers=headers, redirect=False, preload_content=False
            )
            raw = answer.read(_MOST_BYTES)
            answer.release_conn()
        except (HTTPError, OSError):
            raise BaoUnreachable(hint="Look whether it runs and is unsealed; this goes on by itself then.") from None
        return answer.status, _parsed(raw)


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _auth(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    auth = answer.get("auth")
    if status != 200 or not isinstance(auth, dict):
        raise BaoUnreachable
    return auth


def _data(status: int, answer: dict[str, Any]) -> dict[str, Any] | None:
    if status == 404:
        return None
    if status >= 500:
        raise BaoUnreachable(hint="Look whether it is unsealed; this goes on by itself then.")
    if status >= 400:
        raise BaoRefused(status, frozenset(_said(answer)))
    found = answer.get("data")
    return found if isinstance(found, dict) else {}


def _said(answer: dict[str, Any]) -> list[str]:
    """What it says is wrong: of the whole, and of each item of a batch. Nothing else of the answer is kept."""
    errors = [str(each) for each in answer.get("errors") or ()]
    data = answer.get("data")
    batch = data.get("batch_results") if isinstance(data, dict) else None
    return errors + [str(item.get("error")) for item in batch or () if isinstance(item, dict) and item.get("error")]
