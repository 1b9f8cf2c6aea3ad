"""The network's side: addresses that may be reached, connections that stay with the address they were judged by.

A host's name is looked up once, every address it has is judged, and the connection goes to one of these very addresses:
a name that points elsewhere a moment later leads nowhere. Certificates are checked for the name. Redirects aren't
followed, proxies of the environment aren't asked, and no error holds a path, a header or a body.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError

from safehold.foundation.egress.conf import ANSWER_BYTES, CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS, Purpose
from safehold.foundation.egress.errors import DeliveryFailed, Refused
from safehold.kernel.netaddress import is_public

__all__ = ["Answer", "Target", "connected", "post", "vet"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where something goes: what the register says of it."""

    purpose: Purpose
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and at most `ANSWER_BYTES` of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def vet(host: str, port: int) -> str:
    """An address of this host that may be reached; `Refused` if any of its addresses is none of the public network's.

    The setting `egress_private` lists hosts, each with its port, that may be inside.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryFailed(f"{host} isn't known to the name service.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if f"{host}:{port}" not in settings.SAFEHOLD.egress_private and not all(map(is_public, addresses)):
        raise Refused(
            f"{host} lies inside a network of its own, where nothing may be sent.",
            hint="Whoever operates this installation can allow it: the setting egress_private.",
        )
    return addresses[0]


def post(target: Target, *, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post to a path of the target, once; `DeliveryFailed` where no whole answer came back."""
    address = vet(target.host, target.port)
    began = time.monotonic()
    name = target.host if target.port == 443 else f"{target.host}:{target.port}"
    with urllib3.HTTPSConnectionPool(
        address,
        target.port,
        server_hostname=target.host,
        assert_hostname=target.host,
        ssl_context=_trust(),
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        maxsize=1,
        retries=False,
    ) as pool:
        try:
            answer = pool.urlopen(
                "POST", path or "/", body=body, headers={**headers, "Host": name}, redirect=False, preload_content=False
            )
            read = _read(answer, target, began)
        except (HTTPError, OSError) as error:
            raise DeliveryFailed(f"{target.host} could not be reached ({type(error).__name__}).") from None
    return Answer(answer.status, dict(answer.headers), read)


def _read(answer: urllib3.BaseHTTPResponse, target: Target, began: float) -> bytes:
    read = b""
    for piece in answer.stream(8192, decode_content=False):
        read += piece
        if len(read) > ANSWER_BYTES:
            raise DeliveryFailed(f"{target.host} answered with more than {ANSWER_BYTES:,} bytes.")
        if time.monotonic() - began > TOTAL_SECONDS:
            raise DeliveryFailed(f"{target.host} took longer than {TOTAL_SECONDS:.0f} seconds to answer.")
    return read


@contextmanager
def connected(target: Target) -> Iterator[ssl.SSLSocket]:
    """A connection over TLS to the target, its certificate checked for its name."""
    address = vet(target.host, target.port)
    try:
        with (
            socket.create_connection((address, target.port), timeout=CONNECT_SECONDS) as raw,
            _trust().wrap_socket(raw, server_hostname=target.host) as connection,
        ):
            connection.settimeout(READ_SECONDS)
            yield connection
    except OSError as error:
        raise DeliveryFailed(f"{target.host} could not be reached ({type(error).__name__}).") from None


@cache
def _trust() -> ssl.SSLContext:
    """Whom certificates are believed from: the system's authorities, and those of the setting `egress_ca`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.SAFEHOLD.egress_ca is not None:
        context.load_verify_locations(cafile=settings.SAFEHOLD.egress_ca)
    return context
