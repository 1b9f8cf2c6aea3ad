"""What a TLS listener agrees to, found out by asking: a first message is written by hand, byte for byte.

A library's own limits would hide the answer: a client that can't speak TLS 1.1 can't tell whether a server would. Here
nothing is agreed on; the server's first reply (its choice, or its refusal) is all that's read. RFC 5246, RFC 8446.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass

__all__ = ["SSL30", "STRONG", "STRONG_13", "TLS10", "TLS11", "TLS12", "TLS13", "WEAK", "Reply", "offer", "plain_reply"]

SSL30, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304

STRONG = {
    0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
    0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
    0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
}
"""The TLS 1.2 suites with forward secrecy and authenticated encryption."""

STRONG_13 = {0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256"}

WEAK = {
    0x0001: "NULL-MD5",
    0x0002: "NULL-SHA",
    0x0004: "RC4-MD5",
    0x0005: "RC4-SHA",
    0x0009: "DES-CBC-SHA",
    0x000A: "DES-CBC3-SHA",
    0x0016: "EDH-RSA-DES-CBC3-SHA",
    0x0018: "ADH-RC4-MD5",
    0x002F: "AES128-SHA",
    0x0033: "DHE-RSA-AES128-SHA",
    0x0034: "ADH-AES128-SHA",
    0x0035: "AES256-SHA",
    0x0039: "DHE-RSA-AES256-SHA",
    0x003B: "NULL-SHA256",
    0x003C: "AES128-SHA256",
    0x003D: "AES256-SHA256",
    0x0041: "CAMELLIA128-SHA",
    0x0096: "SEED-SHA",
    0x009C: "AES128-GCM-SHA256",
    0x009D: "AES256-GCM-SHA384",
    0xC007: "ECDHE-ECDSA-RC4-SHA",
    0xC008: "ECDHE-ECDSA-DES-CBC3-SHA",
    0xC009: "ECDHE-ECDSA-AES128-SHA",
    0xC00A: "ECDHE-ECDSA-AES256-SHA",
    0xC011: "ECDHE-RSA-RC4-SHA",
    0xC012: "ECDHE-RSA-DES-CBC3-SHA",
    0xC013: "ECDHE-RSA-AES128-SHA",
    0xC014: "ECDHE-RSA-AES256-SHA",
    0xC023: "ECDHE-ECDSA-AES128-SHA256",
    0xC024: "ECDHE-ECDSA-AES256-SHA384",
    0xC027: "ECDHE-RSA-AES128-SHA256",
    0xC028: "ECDHE-RSA-AES256-SHA384",
}
"""Suites without encryption, forward secrecy or authenticated encryption, or with a broken cipher."""

_HANDSHAKE, _ALERT, _SERVER_HELLO = 22, 21, 2
_SUPPORTED_VERSIONS = 43


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered: the version and suite it chose, or neither, and then why not."""

    version: int | None = None
    suite: int | None = None
    refusal: str = ""


def offer(address: tuple[str, int], name: str, version: int, suites: list[int], timeout: float = 5.0) -> Reply:
    """Offer one version and some suites, and read the reply. OSError where nothing listens."""
    with socket.create_connection(address, timeout=timeout) as connection:
        connection.sendall(_client_hello(name, version, suites))
        try:
            return _read_reply(connection)
        except TimeoutError:
            return Reply(refusal="no answer")
        except OSError:
            return Reply(refusal="the connection was reset")


def plain_reply(address: tuple[str, int], name: str, timeout: float = 5.0) -> bytes:
    """What comes back when plain HTTP is spoken to this port: nothing that is HTTP, if it is a TLS port."""
    with socket.create_connection(address, timeout=timeout) as connection:
        try:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(1024)
        except OSError:
            return b""


def _client_hello(name: str, version: int, suites: list[int]) -> bytes:
    spoken = min(version, TLS12)
    groups, signatures = (29, 23, 24), (0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201)
    host = name.encode("idna") if not name.replace(".", "").isdigit() else b""
    extensions = b""
    if host:
        extensions += _extension(0, _sized(2, b"\x00" + _sized(2, host)))
    extensions += _extension(10, _sized(2, _shorts(groups)))
    extensions += _extension(11, _sized(1, b"\x00"))
    extensions += _extension(13, _sized(2, _shorts(signatures)))
    if version == TLS13:
        # No key share at all: the server then answers with the group it wants, which is a choice all the same.
        extensions += _extension(_SUPPORTED_VERSIONS, _sized(1, _shorts((TLS13,)))) + _extension(51, _sized(2, b""))
    body = struct.pack("!H", spoken) + secrets.token_bytes(32) + _sized(1, secrets.token_bytes(32))
    body += _sized(2, _shorts(suites)) + _sized(1, b"\x00") + _sized(2, extensions)
    message = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return struct.pack("!BH", _HANDSHAKE, min(spoken, TLS10)) + _sized(2, message)


def _read_reply(connection: socket.socket) -> Reply:
    head = _exactly(connection, 5)
    if head is None:
        return Reply(refusal="the connection was closed")
    kind, length = head[0], struct.unpack("!H", head[3:])[0]
    body = _exactly(connection, min(length, 16_384)) or b""
    if kind == _ALERT and len(body) >= 2:
        return Reply(refusal=f"alert {body[1]}")
    if kind != _HANDSHAKE or len(body) < 44 or body[0] != _SERVER_HELLO:
        return Reply(refusal="an answer that isn't TLS")
    return _server_hello(body[4:])


def _server_hello(hello: bytes) -> Reply:
    version = struct.unpack("!H", hello[:2])[0]
    at = 35 + hello[34]
    suite = struct.unpack("!H", hello[at : at + 2])[0]
    rest = hello[at + 5 :]
    while len(rest) >= 4:
        kind, length = struct.unpack("!HH", rest[:4])
        if kind == _SUPPORTED_VERSIONS and length == 2:
            version = struct.unpack("!H", rest[4:6])[0]
        rest = rest[4 + length :]
    return Reply(version, suite)


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    """That many bytes, or None where the other side ended first."""
    found = b""
    while len(found) < count:
        more = connection.recv(count - len(found))
        if not more:
            return None
        found += more
    return found


def _sized(bytes_of_length: int, content: bytes) -> bytes:
    return len(content).to_bytes(bytes_of_length, "big") + content


def _extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + _sized(2, content)


def _shorts(numbers: tuple[int, ...] | list[int]) -> bytes:
    return b"".join(struct.pack("!H", number) for number in numbers)
