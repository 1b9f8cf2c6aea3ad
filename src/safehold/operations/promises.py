"""The promises about transport, backups, recovery and redundancy, and the checks that prove the first of them."""

from __future__ import annotations

from safehold.kernel.promise import Check, Promise
from safehold.operations.checks.archive import PROVOKERS, check_ages, check_archive
from safehold.operations.checks.https import check_https_is_forced
from safehold.operations.checks.network import check_no_network_is_trusted
from safehold.operations.checks.secrets import check_database_log, check_lines, check_secrets
from safehold.operations.checks.transport import check_database_hop, check_listener

__all__ = ["CHECKS", "PROMISES", "PROVOKERS"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "ENC-1",
        "Every connection is encrypted with TLS 1.2 or newer",
        "Visitors reach us over TLS 1.2 or 1.3 with strong ciphers only; anything older or weaker, and plain text, is "
        "refused. Our own way to the database is a private socket on one machine, or TLS with a verified certificate.",
    ),
    Promise(
        "ENC-2",
        "HTTPS is forced everywhere",
        "Pages, the API and the public site answer over HTTPS only, tell browsers to insist on it (HSTS), and set "
        "cookies that never travel in clear.",
    ),
    Promise(
        "RES-1",
        "Daily backups, gone after 90 days",
        "The database is backed up every day. Each backup is kept for at least 30 days and deleted for good by day 90.",
    ),
    Promise(
        "RES-2",
        "What was erased stays erased",
        "Backups aren't rewritten when data is deleted. Instead, every restore replays the erasures made since.",
    ),
    Promise(
        "RES-3",
        "Documents are kept twice",
        "Stored documents are copied to a second place continuously; what describes them is in the database's backups.",
    ),
    Promise(
        "RES-4",
        "Restoring is rehearsed",
        "Restores are tested, and recovery from a disaster is rehearsed at least twice a year, down to row counts, the "
        "audit log and decryption.",
    ),
    Promise(
        "RES-5",
        "At most a day lost, back within eight hours",
        "After a disaster at most 24 hours of data are lost and the service is back within 8 hours. Both are measured.",
    ),
    Promise(
        "RES-6",
        "Backups serve recovery only",
        "A backup is opened only to recover, or where the law asks for it. Each restore needs a reason and is logged.",
    ),
    Promise(
        "RES-7",
        "No single point of failure",
        "Every service runs more than once, with replication and failover across zones.",
    ),
    Promise(
        "RES-8",
        "Tiers are walled off",
        "Each service reaches only what it needs, data stores accept only their own clients, and nothing but the edge "
        "faces the internet.",
    ),
    Promise(
        "RES-9",
        "Errors and odd trends are watched",
        "System errors and abnormal trends raise an alert.",
    ),
)

CHECKS: tuple[Check, ...] = (
    Check("ENC-1", "The listener agrees to strong TLS only", check_listener),
    Check("ENC-1", "The way to the database is private", check_database_hop),
    Check("ENC-2", "HTTPS is forced on every kind of address", check_https_is_forced),
    Check("ACC-7", "Callers from trusted-looking places are nobody", check_no_network_is_trusted),
    Check("AUD-6", "Planted secrets are sent to every address and looked for", check_secrets),
    Check("AUD-6", "The database server logs no statement", check_database_log),
    Check("AUD-7", "No line of a log holds a planted value", check_lines),
    Check("AUD-8", "The archive of logs is sealed and opens", check_archive),
    Check("AUD-8", "No line of a log is too old", check_ages),
)
