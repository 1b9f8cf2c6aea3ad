"""What we promise about logs, and how the first of it is proved."""

from __future__ import annotations

from safehold.foundation.audit.probes.append_only import nothing_can_be_changed
from safehold.foundation.audit.probes.chain import nothing_was_changed_unseen
from safehold.foundation.audit.probes.content import events_hold_no_content
from safehold.foundation.audit.probes.keeping import logs_are_kept_as_long_as_promised
from safehold.foundation.audit.probes.provokers import PROVOKERS
from safehold.foundation.audit.probes.provoking import Provoker, every_security_event_is_provoked
from safehold.foundation.audit.probes.writing import WriteProbe, every_write_leaves_its_entry
from safehold.kernel.promise import Check, Promise

__all__ = ["CHECKS", "PROMISES", "PROVOKERS", "Provoker", "WriteProbe"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "AUD-1",
        "The log can only grow",
        "What our administrators do is written to a log that nobody can change: the database itself refuses every "
        "update, deletion and truncation, whichever of its roles asks, the owner of the tables included.",
    ),
    Promise(
        "AUD-2",
        "Tampering with the log shows",
        "Every entry is linked to all entries before it by SHA-256, and the head of each log is signed and kept "
        "outside the database. An entry changed, removed, added or reordered, and a log cut short or gone, is found by "
        "anyone who holds our public key.",
    ),
    Promise(
        "AUD-3",
        "Every change is in the activity log",
        "When people of a workspace create, change or delete something, sign something or send an e-mail, the entry is "
        "written together with the change: both are stored, or neither is.",
    ),
    Promise(
        "AUD-4",
        "Logs are kept for one, three or five years",
        "Activity logs are kept for 1 year on Starter, 3 years on Professional and 5 years on Enterprise. Removing "
        "older entries is itself logged, and what is left stays verifiable.",
    ),
    Promise(
        "AUD-5",
        "Security events are logged",
        "Administrative access, failed sign-ins, refused actions, exports of data and errors of the system each leave "
        "an entry.",
    ),
    Promise(
        "AUD-6",
        "Secrets never reach a log",
        "Passwords, keys, tokens, security answers and one-time codes are kept out of every log, by name and by "
        "pattern.",
    ),
    Promise(
        "AUD-7",
        "Logs hold no content",
        "Security logs name records and fields by their ids. They hold no private content, unless a support case that "
        "the customer opened needs it.",
    ),
    Promise(
        "AUD-8",
        "Application logs are sealed and short-lived",
        "Logs of our programs are gathered within minutes in encrypted storage, under keys that change every month, "
        "and deleted after 90 days at most. Reading them leaves an entry.",
    ),
    Promise(
        "AUD-9",
        "Usage is counted, not recorded",
        "Page views and actions in a workspace are counted by kind of page, without their content.",
    ),
)

CHECKS: tuple[Check, ...] = (
    Check("AUD-1", "every role tries to change every table of the log", nothing_can_be_changed),
    Check("AUD-2", "the logs are verified against their signed heads and anchors", nothing_was_changed_unseen),
    Check("AUD-3", "every kind of write is tried and looked for in the log", every_write_leaves_its_entry),
    Check("AUD-4", "every log's oldest events are held against its plan", logs_are_kept_as_long_as_promised),
    Check("AUD-5", "every kind of security event is provoked", every_security_event_is_provoked),
    Check("AUD-7", "events hold ids and names of fields, and no planted value", events_hold_no_content),
)
