"""Asking the installation's own pages, as a visitor would, over TLS that is checked against the served certificate."""

from __future__ import annotations

import http.client
import ssl

from safehold.kernel.installation import Installation

__all__ = ["client_context", "connect_address", "is_answering"]


def connect_address(installation: Installation) -> str:
    """The address on which this machine reaches its own listener."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(installation.bind, installation.bind)  # noqa: S104


def client_context(installation: Installation) -> ssl.SSLContext:
    """A client's TLS settings: the usual authorities, or this installation's own certificate, and nothing else."""
    if installation.tls_cert is not None:
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=str(installation.home / "tls" / "cert.pem"))


def is_answering(installation: Installation, timeout: float = 5.0) -> bool:
    """Whether the web process answers at all."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # whether it answers is all that's asked; nothing is sent
    connection = http.client.HTTPSConnection(
        connect_address(installation), installation.port, timeout=timeout, context=context
    )
    try:
        connection.request("GET", "/", headers={"Host": f"{installation.host}:{installation.port}"})
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
