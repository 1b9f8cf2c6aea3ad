"""The certificate this installation serves: its own, made here, or yours by setting, checked before it is used."""

from __future__ import annotations

import ipaddress
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from safehold.kernel.installation import Installation
from safehold.operations.errors import BadCertificate
from safehold.operations.files import replace

__all__ = ["Pair", "served_pair"]

LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)


class Pair(NamedTuple):
    """A certificate file and its key file, both PEM; the key is PKCS#8 without a passphrase."""

    cert: Path
    key: Path


def served_pair(installation: Installation, now: datetime) -> Pair:
    """The files to serve, made, renewed or copied into the home as needed. Raises where yours can't be used."""
    folder = installation.home / "tls"
    if installation.tls_cert is not None and installation.tls_key is not None:
        pair = Pair(folder / "served-cert.pem", folder / "served-key.pem")
        _take(installation.tls_cert, installation.tls_key, pair, now)
        return pair
    pair = Pair(folder / "cert.pem", folder / "key.pem")
    if not _still_good(pair, installation.host, now):
        _make(pair, installation.host, now)
    return pair


def _still_good(pair: Pair, host: str, now: datetime) -> bool:
    try:
        cert = x509.load_pem_x509_certificate(pair.cert.read_bytes())
        key = serialization.load_pem_private_key(pair.key.read_bytes(), password=None)
        names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    fits = _public(cert.public_key()) == _public(key.public_key())
    return fits and cert.not_valid_after_utc - now > RENEW_BEFORE and set(_names(host)) <= set(names)


def _make(pair: Pair, host: str, now: datetime) -> None:
    """A self-signed ECDSA certificate. It is nobody's authority: it can't sign for other hosts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "key_encipherment"), False)
    usage |= {"key_cert_sign": False, "crl_sign": False, "encipher_only": False, "decipher_only": False}
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(identifier.digest, None, None), critical=False)
    )
    cert = builder.sign(key, hashes.SHA256())
    replace(pair.key, _pkcs8(key))
    replace(pair.cert, cert.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _take(cert_file: Path, key_file: Path, pair: Pair, now: datetime) -> None:
    """Check your certificate and key, and copy them into the home: the served process may not enter their folder."""
    chain_bytes, key_bytes = _read(cert_file, "tls_cert"), _read(key_file, "tls_key")
    try:
        chain = x509.load_pem_x509_certificates(chain_bytes)
    except ValueError:
        raise BadCertificate(f"tls_cert: {cert_file} holds no PEM certificate.") from None
    try:
        key = serialization.load_pem_private_key(key_bytes, password=None)
    except TypeError:
        raise BadCertificate(f"tls_key: {key_file} has a passphrase.", hint="Store the key without one.") from None
    except ValueError:
        raise BadCertificate(f"tls_key: {key_file} holds no PEM private key.") from None
    leaf = chain[0]
    if _public(leaf.public_key()) != _public(key.public_key()):
        raise BadCertificate(f"tls_key: {key_file} isn't the key of the certificate in {cert_file}.")
    if leaf.not_valid_after_utc <= now:
        raise BadCertificate(f"tls_cert: {cert_file} expired on {leaf.not_valid_after_utc:%-d %B %Y}.")
    if leaf.not_valid_before_utc > now:
        raise BadCertificate(f"tls_cert: {cert_file} isn't valid before {leaf.not_valid_before_utc:%-d %B %Y}.")
    replace(pair.key, _pkcs8(key))
    replace(pair.cert, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain), mode=0o644)


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCertificate(f"{setting}: {path} can't be read: {error.strerror}.") from None


def _names(host: str) -> list[x509.GeneralName]:
    """What people may type to reach this machine."""
    hosts = dict.fromkeys(["localhost", host, socket.gethostname()])
    addresses = dict.fromkeys(["127.0.0.1", "::1"])
    names: list[x509.GeneralName] = []
    for one in hosts:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            if one.isascii() and one:
                names.append(x509.DNSName(one))
        else:
            addresses[one] = None
    return names + [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _pkcs8(key: PrivateKeyTypes) -> bytes:
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
