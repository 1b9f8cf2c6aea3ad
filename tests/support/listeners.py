"""Listeners that do wrong on purpose, for checks to find."""

from __future__ import annotations

import contextlib
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = tuple[int, Mapping[str, str], bytes]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A check that hangs up in the middle of a handshake is no news."""


@contextlib.contextmanager
def listener(answer: Callable[[str], Answer], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answer each path with what `answer` gives; over TLS where there is a context. Yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            if context is not None:
                self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tls(cert: Path, key: Path) -> ssl.SSLContext:
    """A server's TLS settings as they should be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(cert, key)
    return context


def old_tls(cert: Path, key: Path) -> ssl.SSLContext:
    """The same, but TLS 1.1 is taken too."""
    context = tls(cert, key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def weak_tls(cert: Path, key: Path) -> ssl.SSLContext:
    """The same, but a suite without authenticated encryption is taken too."""
    context = tls(cert, key)
    context.set_ciphers("ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    return context
