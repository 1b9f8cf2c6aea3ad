"""The child that answers plain HTTP: with a redirect to HTTPS, and nothing else.

It reads one request head, answers, and closes. A body is never read and no second request is taken from a connection,
so there is nothing to smuggle one in; the address it sends people to is one of its own names, never one it was told.
"""

from __future__ import annotations

import asyncio
import re
from threading import Event
from urllib.parse import urlsplit

from safehold.kernel.installation import Installation
from safehold.operations.installation import default_home, load
from safehold.operations.processes.child import until_stopped

__all__ = ["answer", "run", "serve"]

_PATIENCE = 5.0
_LONGEST = 8192
_AT_ONCE = 200
_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]{0,4000}) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\nhost:[ \t]*([^\r\n]*?)[ \t]*\r\n", re.IGNORECASE)


def answer(head: bytes, installation: Installation) -> bytes:
    """The whole answer to one request head."""
    line = _LINE.match(head)
    if line is None:
        return _response("400 Bad Request", "This is plain HTTP; ask again over HTTPS.\n")
    path = line.group(2).decode("ascii")
    hosts = _HOST.findall(head)
    host = _own_name(hosts[0].decode("latin-1") if len(hosts) == 1 else "", installation)
    port = "" if installation.port == 443 else f":{installation.port}"
    location = f"https://{host}{port}{path}"
    return _response("308 Permanent Redirect", f"{location}\n", f"Location: {location}\r\n")


def _own_name(asked: str, installation: Installation) -> str:
    """The name people typed where it is one of ours, else the first of ours."""
    try:
        name = urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        name = ""
    if name == "::1":
        return "[::1]"
    return name if name in {installation.host, "localhost", "127.0.0.1"} else installation.host


def _response(status: str, body: str, headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode("latin-1")


async def serve(installation: Installation, port: int, stop: Event) -> None:
    """Answer on `port` until told to stop."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with places:
            try:
                async with asyncio.timeout(_PATIENCE):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(answer(head, installation))
                    await writer.drain()
            except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                pass
            finally:
                writer.close()

    server = await asyncio.start_server(meet, installation.bind, port, limit=_LONGEST, backlog=_AT_ONCE)
    async with server:
        await asyncio.to_thread(stop.wait)


def run() -> None:
    """Redirect until told to stop."""
    installation = load(default_home())
    port = installation.http_port
    if port is not None:
        until_stopped(lambda stop: asyncio.run(serve(installation, port, stop)))
