"""A syslog server over TLS: it takes messages framed by octet counting (RFC 5425) and keeps them."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from support.receivers import Authority

__all__ = ["Message", "Syslog", "listening"]

_FORM = re.compile(rb"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) - \xef\xbb\xbf(.*)", re.DOTALL)
"""RFC 5424: priority, time, host, program, process, message id, no structured data, UTF-8 with its mark."""


@dataclass(frozen=True)
class Message:
    """One message, taken apart."""

    priority: int
    at: str
    host: str
    program: str
    kind: str
    text: bytes


@dataclass
class Syslog:
    """What the server has heard, and how many connections there were."""

    host: str
    port: int
    heard: list[Message] = field(default_factory=list)
    connections: int = 0
    hang_up_after: int = 0
    """Where this isn't 0, it closes the connection without a word after so many bytes."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"tls://{self.host}:{self.port}"


@contextmanager
def listening(authority: Authority, host: str = "localhost", certified_for: str = "") -> Iterator[Syslog]:
    """A server at work on the loopback address, whatever its name."""
    with socket.create_server(("127.0.0.1", 0)) as raw:
        server, context = Syslog(host, raw.getsockname()[1]), authority.context(certified_for or host)
        raw.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = raw.accept()
                except TimeoutError:
                    continue
                server.connections += 1
                connection.settimeout(10)
                with suppress(OSError), connection, context.wrap_socket(connection, server_side=True) as secured:
                    _take(server, secured)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            stop.set()
            thread.join()


def _take(server: Syslog, connection: ssl.SSLSocket) -> None:
    data = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
        if server.hang_up_after and len(data) >= server.hang_up_after:
            return
        data = _frames(server, data)
    with suppress(OSError):
        connection.unwrap()


def _frames(server: Syslog, data: bytes) -> bytes:
    while b" " in data:
        length, _, rest = data.partition(b" ")
        size = int(length)
        if len(rest) < size:
            return data
        found = _FORM.fullmatch(rest[:size])
        assert found, rest[:size]
        priority, at, host, program, _, kind, text = found.groups()
        server.heard.append(Message(int(priority), at.decode(), host.decode(), program.decode(), kind.decode(), text))
        data = rest[size:]
    return data
