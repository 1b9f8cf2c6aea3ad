from __future__ import annotations

import contextlib
import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from safehold.kernel.installation import Installation
from safehold.operations.errors import BadCertificate
from safehold.operations.tls import LIFETIME, Pair, served_pair
from support import homes

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def made() -> Iterator[Installation]:
    installation = homes.make_home(host="work.example")
    yield installation
    homes.remove_home(installation.home)


def certificate(pair: Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.cert.read_bytes())


def test_a_home_makes_its_own_certificate_once(made: Installation) -> None:
    pair = served_pair(made, NOW)
    cert = certificate(pair)
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = serialization.load_pem_private_key(pair.key.read_bytes(), password=None)

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert pair.key.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600
    assert {"localhost", "work.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1"} <= {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    assert not cert.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert cert.not_valid_after_utc == NOW + LIFETIME
    assert certificate(served_pair(made, NOW + timedelta(days=300))) == cert


def test_it_is_renewed_a_month_before_it_ends(made: Installation) -> None:
    first = certificate(served_pair(made, NOW))
    later = certificate(served_pair(made, NOW + LIFETIME - timedelta(days=29)))

    assert later.serial_number != first.serial_number


def test_another_host_name_needs_another_certificate(made: Installation) -> None:
    served_pair(made, NOW)
    moved = replace(made, host="office.example")

    names = certificate(served_pair(moved, NOW)).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert "office.example" in names.value.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("name", ["localhost", "work.example", "127.0.0.1"])
def test_a_strict_client_accepts_it(made: Installation, name: str) -> None:
    pair = served_pair(made, datetime.now(UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair.cert, pair.key)
    client = ssl.create_default_context(cafile=str(pair.cert))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    with ours, theirs:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        served = server.wrap_bio(incoming, outgoing, server_side=True)
        asked_in, asked_out = ssl.MemoryBIO(), ssl.MemoryBIO()
        asked = client.wrap_bio(asked_in, asked_out, server_hostname=name)
        for _ in range(4):
            for side in (asked, served):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                incoming.write(asked_out.read())
                asked_in.write(outgoing.read())
        assert asked.version() == "TLSv1.3"


def yours(made: Installation, other: Installation | None = None, *, now: datetime = NOW) -> Installation:
    """The home with a certificate of its operator's, and that certificate's key or another's."""
    pair = served_pair(replace(made, home=sub(made, "yours")), now)
    key = pair.key if other is None else served_pair(replace(other, home=sub(made, "other")), now).key
    return replace(made, tls_cert=pair.cert, tls_key=key)


def sub(made: Installation, name: str) -> Path:
    (made.home / name / "tls").mkdir(parents=True, exist_ok=True)
    return made.home / name


def test_yours_is_copied_and_served(made: Installation) -> None:
    given = yours(made)
    pair = served_pair(given, NOW)

    assert given.tls_cert is not None
    assert pair.cert.parent == made.home / "tls"
    assert pair.cert.read_bytes() == given.tls_cert.read_bytes()


def test_yours_with_another_key_is_refused(made: Installation) -> None:
    with pytest.raises(BadCertificate, match="isn't the key of the certificate"):
        served_pair(yours(made, made), NOW)


def test_yours_expired_is_refused(made: Installation) -> None:
    with pytest.raises(BadCertificate, match="expired on 24 December 2027"):
        served_pair(yours(made), NOW + LIFETIME + timedelta(days=1))


def test_yours_not_yet_valid_is_refused(made: Installation) -> None:
    with pytest.raises(BadCertificate, match="isn't valid before"):
        served_pair(yours(made), NOW - timedelta(days=2))


def test_yours_with_a_passphrase_is_refused(made: Installation) -> None:
    given = yours(made)
    assert given.tls_key is not None
    key = serialization.load_pem_private_key(given.tls_key.read_bytes(), password=None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    given.tls_key.write_bytes(locked)

    with pytest.raises(BadCertificate, match="has a passphrase"):
        served_pair(given, NOW)


@pytest.mark.parametrize(("which", "said"), [("tls_cert", "no PEM certificate"), ("tls_key", "no PEM private key")])
def test_yours_that_is_no_such_thing_is_refused(made: Installation, which: str, said: str) -> None:
    given = yours(made)
    path = getattr(given, which)
    path.write_text("hello")

    with pytest.raises(BadCertificate, match=said):
        served_pair(given, NOW)


def test_yours_that_is_missing_is_refused(made: Installation) -> None:
    with pytest.raises(BadCertificate, match="can't be read: No such file"):
        served_pair(replace(made, tls_cert=Path("/nowhere/cert.pem"), tls_key=Path("/nowhere/key.pem")), NOW)
