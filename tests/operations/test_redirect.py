from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from safehold.kernel.installation import Installation
from safehold.operations.processes.redirect import answer, serve
from support.ports import free_port

HOME = Installation(Path("/nowhere"), host="work.example", port=8443)


def head(line: str = "GET / HTTP/1.1", *headers: str) -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1")


def location(reply: bytes) -> str:
    found = [line for line in reply.decode().split("\r\n") if line.startswith("Location: ")]
    return found[0].removeprefix("Location: ") if found else ""


@pytest.mark.parametrize(
    ("request_head", "goes_to"),
    [
        (head(), "https://work.example:8443/"),
        (head("POST /t/acme/?a=b%20c HTTP/1.1", "Host: work.example"), "https://work.example:8443/t/acme/?a=b%20c"),
        (head("GET /x HTTP/1.0", "host:localhost:8080"), "https://localhost:8443/x"),
        (head("GET /x HTTP/1.1", "HOST: 127.0.0.1"), "https://127.0.0.1:8443/x"),
        (head("GET /x HTTP/1.1", "Host: [::1]:8080"), "https://[::1]:8443/x"),
        (head("GET /x HTTP/1.1", "Host: evil.example"), "https://work.example:8443/x"),
        (head("GET /x HTTP/1.1", "Host: work.example", "Host: evil.example"), "https://work.example:8443/x"),
        (head("GET /x HTTP/1.1", "Host: [broken"), "https://work.example:8443/x"),
        (head("GET //evil.example/x HTTP/1.1"), "https://work.example:8443//evil.example/x"),
    ],
)
def test_everything_goes_to_the_same_address_over_https(request_head: bytes, goes_to: str) -> None:
    reply = answer(request_head, HOME)

    assert reply.startswith(b"HTTP/1.1 308 ")
    assert location(reply) == goes_to
    assert b"Connection: close\r\n" in reply
    assert b"Strict-Transport-Security" not in reply  # browsers must ignore it over plain HTTP


@pytest.mark.parametrize(
    "request_head",
    [
        head("GET http://evil.example/ HTTP/1.1"),
        head("CONNECT evil.example:443 HTTP/1.1"),
        head("GET /a b HTTP/1.1"),
        head("GET /\x01 HTTP/1.1"),
        head("get / HTTP/1.1"),
        head("GET / HTTP/2.0"),
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"\n\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(request_head: bytes) -> None:
    reply = answer(request_head, HOME)

    assert reply.startswith(b"HTTP/1.1 400 ")
    assert not location(reply)


@pytest.fixture
def listening() -> Iterator[int]:
    port, stop = free_port(), threading.Event()
    home = Installation(Path("/nowhere"), port=8443)
    thread = threading.Thread(target=lambda: asyncio.run(serve(home, port, stop)))
    thread.start()
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            threading.Event().wait(0.01)
    yield port
    stop.set()
    thread.join(10)


def test_it_answers_and_closes(listening: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", listening, timeout=5)
    connection.request("POST", "/api/v1/x", body=b"x" * 10)
    reply = connection.getresponse()

    assert reply.status == 308
    assert reply.getheader("Location") == "https://127.0.0.1:8443/api/v1/x"
    connection.close()


def test_a_second_request_on_one_connection_gets_nothing(listening: int) -> None:
    with socket.create_connection(("127.0.0.1", listening), timeout=5) as connection:
        connection.sendall(head("GET /one HTTP/1.1", "Content-Length: 0") + head("GET /two HTTP/1.1"))
        said = b""
        try:
            while more := connection.recv(4096):
                said += more
        except ConnectionResetError:
            pass  # it never read the second one
    assert said.count(b"HTTP/1.1") <= 1
    assert b"/two" not in said


def test_an_endless_head_is_cut_off(listening: int) -> None:
    with socket.create_connection(("127.0.0.1", listening), timeout=5) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000)
            assert connection.recv(4096) == b""
        except (ConnectionResetError, BrokenPipeError):
            pass
