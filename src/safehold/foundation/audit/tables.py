"""Tables of this room that aren't a tenant's own, with the reason."""

from __future__ import annotations

__all__ = ["EXEMPT", "OPEN_POLICIES", "OTHER_INDEXES", "POWERS", "SCRATCH", "UNPINNED"]

EXEMPT: dict[str, str] = {
    "audit_key": "Public keys that sign checkpoints. They are published; only the sealer adds one.",
    "audit_sealer_state": "Where the sealer stands: one row of a transaction number and two times.",
}

SCRATCH: dict[str, str] = {
    f"audit_bench.{name}": "Its twin in the scratch schema of `safehold bench audit`, dropped at its end."
    for name in EXEMPT
} | {
    "safehold_guard.fixed": "What tables that only grow were like when they were made; in the administrator's schema.",
}

_LOG_OF_LOGS = "Besides its own log, a scope reads the log of logs, which proves its own log's place and is public."
_SEALER = "The sealer is a login of its own; it reads every log to seal it, and no other table of a tenant's."

OPEN_POLICIES: dict[str, str] = {
    "audit_event.own_heads": "The entries of the log of logs that are about the scope's own log.",
    "audit_leaf.own_log": _LOG_OF_LOGS,
    "audit_node.own_log": _LOG_OF_LOGS,
    "audit_log.own_log": _LOG_OF_LOGS + " The platform sees the list of logs.",
    "audit_checkpoint.own_log": _LOG_OF_LOGS + " The platform sees every log's checkpoints.",
    "audit_event.sealer_reads": _SEALER,
    "audit_keeping.platform_says": "The platform says how long each log is kept: it makes tenants and changes plans.",
    "audit_keeping.stamp_reads": "The function that stamps an event's class has the owner's rights; it reads this.",
    "audit_keeping.sealer_reads": _SEALER,
    "audit_hold.platform_holds": "The platform places legal holds on any tenant's log.",
    "audit_hold.sealer_reads": _SEALER,
    "audit_event.sealer_adds": "The sealer writes to the log of logs, and nowhere else.",
    "audit_leaf.sealer_seals": _SEALER,
    "audit_node.sealer_seals": _SEALER,
    "audit_log.sealer_seals": _SEALER,
    "audit_checkpoint.sealer_seals": _SEALER,
}

OTHER_INDEXES: dict[str, str] = {
    "audit_event_unsealed": "What is still to be sealed, of all logs: the sealer's one question.",
    "audit_log_origin_key": "A log's name is its own in the whole installation; only the sealer adds logs.",
}

POWERS: dict[str, str] = {
    "safehold_guard.spoilt": "4a0eaf6383119f1a400b01692e574fd6addd678f0f4a3d9212d2f02c6a9fe5bc",
    "safehold_guard.purge_month": "fa22c766279efe88b96caa5838383f334e0355c9b56fa310fc7350855e2670eb",
}
"""What has an administrator's rights, to remove events whose time is over and to tell what was altered past the guard:
known here by the digest of its text."""

UNPINNED: dict[str, str] = {
    "safehold.class_now": "3b106ebb948e549714ce714b04154bf213ca01ce7ef3185991d41d4112dd3ce3",
}
"""Called for each event that is written: every name in it is qualified instead."""
