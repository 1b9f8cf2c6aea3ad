"""What goes wrong while an installation is started, stopped or looked at. Each message says what to do next."""

from __future__ import annotations

from safehold.kernel.errors import Conflict, Invalid, Unavailable

__all__ = ["BadCertificate", "BadSettings", "DatabaseProblem", "Running", "StartProblem"]


class DatabaseProblem(Unavailable):
    """The database can't be started or reached."""

    code = "database-unavailable"


class StartProblem(Unavailable):
    """A process of this installation can't be started."""

    code = "start-failed"


class Running(Conflict):
    """This installation is already running."""

    code = "already-running"


class BadSettings(Invalid):
    """The settings can't be used as they are."""

    code = "bad-settings"


class BadCertificate(BadSettings):
    """The TLS certificate and key can't be used."""

    code = "bad-certificate"
