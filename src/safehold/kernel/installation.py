"""One installation's settings: a typed value that every floor reads and only the project floor loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["DatabaseLogin", "Installation"]


@dataclass(frozen=True, slots=True)
class DatabaseLogin:
    """How one process reaches the database. The password never shows in a repr.

    `host` is a socket folder or a host name; `options` are further libpq parameters such as sslmode and sslrootcert.
    """

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False, default="")
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. All its state lies under `home`, apart from an outside database.

    `environment` names what it is for ("production", "staging", "test"): every database, key ring and bucket carries
    the name, and a mismatch refuses to start. `origin` is the host name and port that people type, as in
    "localhost:8443".
    """

    home: Path
    environment: str = "production"
    name: str = "Safehold"
    host: str = "localhost"
    bind: str = "127.0.0.1"
    port: int = 8443
    http_port: int | None = 8080
    id: str = "local"
    postgres_bin: Path | None = None
    drop_privileges: bool = True
    database_admin_url: str | None = field(repr=False, default=None)
    database_host: str = ""
    database_port: int = 5432
    database_name: str = ""
    database_options: tuple[tuple[str, str], ...] = ()
    pooled: bool = False
    allow_old_server: bool = False
    open_sign_up: bool = False
    support_minutes: int = 240
    password_hash: str = "argon2"  # noqa: S105  (the name of an algorithm)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    objects_folder: Path | None = None
    egress_private: tuple[str, ...] = ()
    egress_ca: Path | None = None
    archive_folder: Path | None = None
    openbao_url: str = ""
    openbao_role_id: str = ""
    openbao_ca: Path | None = None
    openbao_namespace: str = ""
    openbao_transit: str = "transit"
    openbao_kv: str = "kv"
    log_seconds: int = 120
    log_days: int = 89

    @property
    def secrets(self) -> Path:
        """The folder of this installation's secret files (0700)."""
        return self.home / "secrets"

    @property
    def keys(self) -> Path:
        """The folder of the key store, one folder an environment inside."""
        return self.home / "keys"

    @property
    def objects(self) -> Path:
        """The folder of stored files: the settings' own, or one in the home (0700)."""
        return self.objects_folder or self.home / "objects"

    @property
    def anchors(self) -> Path:
        """The folder where checkpoints are kept outside the database."""
        return self.home / "anchors"

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self.home / "logs"

    @property
    def archive(self) -> Path:
        """The folder of sealed logs: the settings' own, or one in the home (0700)."""
        return self.archive_folder or self.home / "archive"

    @property
    def run(self) -> Path:
        """The folder of process records, and of the database's socket unless its path would be too long."""
        return self.home / "run"

    @property
    def url(self) -> str:
        """The address people open."""
        return f"https://{self.host}:{self.port}" if self.port != 443 else f"https://{self.host}"

    def secret(self, name: str) -> bytes:
        """The bytes of a secret file; FileNotFoundError where it isn't made yet."""
        return (self.secrets / name).read_bytes()

    def login(self, role: str) -> DatabaseLogin:
        """The database login of a process role: app, owner, sealer, backup, staff or queue."""
        return DatabaseLogin(
            host=self.database_host or str(self.run),
            port=self.database_port,
            name=self.database_name or f"safehold_{self.environment}",
            user=f"safehold_{role}",
            password=self.secret(f"db-{role}.password").decode().strip(),
            options=self.database_options,
        )
