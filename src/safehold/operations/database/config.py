"""The server's two configuration files, written afresh at each start."""

from __future__ import annotations

from pathlib import Path

__all__ = ["QUIET", "arguments", "write_config"]

_HBA = """\
# Written at each start. One way in: the private Unix socket, with a password.
local all all scram-sha-256
"""

_CONF = """\
# Written at each start; put your own lines in custom.conf beside it.
include_if_exists 'custom.conf'
max_connections = 80
shared_buffers = 128MB
max_wal_size = 512MB
min_wal_size = 80MB
jit = off
max_parallel_workers_per_gather = 0
timezone = 'UTC'
lc_messages = 'C'
password_encryption = 'scram-sha-256'
idle_in_transaction_session_timeout = '5min'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d %e '
log_checkpoints = off
"""

# Statements, their parameters and error details can hold people's data and secrets, so the log keeps none of them: an
# error's code and first line only.
QUIET: dict[str, str] = {
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "off",
    "log_disconnections": "off",
    "log_hostname": "off",
    "log_lock_waits": "off",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
}


def write_config(data: Path) -> None:
    """Write postgresql.conf and pg_hba.conf into the data directory."""
    (data / "postgresql.conf").write_text(_CONF)
    (data / "pg_hba.conf").write_text(_HBA)


def arguments(data: Path, sockets: Path, port: int) -> list[str]:
    """The server's arguments. What must never be loosened is here, since the command line beats every file."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": _quoted(sockets),
        "unix_socket_permissions": "0700",
        "hba_file": str(data / "pg_hba.conf"),
        "fsync": "on",
        "full_page_writes": "on",
        "logging_collector": "off",
        "log_destination": "stderr",
        **QUIET,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ["-D", str(data), "-p", str(port), *options]


def _quoted(folder: Path) -> str:
    """One item of a comma-separated list, in double quotes so that spaces and commas are kept."""
    return '"' + str(folder).replace('"', '""') + '"'
