"""Every command: under which heading it is listed, what it is for, and the module of the room that owns it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMMANDS", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One command. The line is written for people who meet it first; its own help says the rest.

    It stands here, and not in the room, so that the list of commands is there at once: Django is set up only for a
    command that needs it.
    """

    heading: str
    line: str
    module: str
    needs_django: bool = True


_RUN, _PROOF, _LOG = "Run an installation", "See its promises kept", "Its sealed log"
_PEOPLE, _DATA, _KEYS = "Workspaces and people", "Data in and out", "Keys"

# In the order in which people meet them.
COMMANDS: dict[str, Entry] = {
    "up": Entry(
        _RUN, "Start everything and print the address; --demo adds two companies.", "safehold.operations.cli", False
    ),
    "status": Entry(_RUN, "Show what runs, and where.", "safehold.operations.cli", False),
    "logs": Entry(_RUN, "Read the sealed archive of logs; reading is itself logged.", "safehold.operations.logs.cli"),
    "down": Entry(_RUN, "Stop everything that up started.", "safehold.operations.cli", False),
    "run": Entry("", "Be one of the supervised processes.", "safehold.operations.cli", False),
    "prove": Entry(_PROOF, "Check every promise on the running system, a line each.", "safehold.assurance.cli"),
    "bench": Entry(_PROOF, "Measure what isolation, sealing and the log cost here.", "safehold.assurance.bench_cli"),
    "audit": Entry(_LOG, "Export the log, show its signed head, prove one event.", "safehold.foundation.audit.cli"),
    "anchors": Entry(
        _LOG, "Have witnesses, time authorities and others hold its heads.", "safehold.foundation.anchors.cli"
    ),
    "verify": Entry(
        _LOG,
        "Check an exported log or a proof offline, without a database.",
        "safehold.foundation.audit.verify_cli",
        False,
    ),
    "stream": Entry(
        _LOG, "Send the log on to your own monitoring, by webhook or syslog.", "safehold.foundation.streams.cli"
    ),
    "tenant": Entry(_PEOPLE, "Create and list workspaces, change their plan.", "safehold.foundation.tenancy.cli"),
    "department": Entry(
        _PEOPLE, "Create, list, rename and delete a workspace's departments.", "safehold.foundation.tenancy.cli"
    ),
    "member": Entry(
        _PEOPLE, "Invite, list, change and remove a workspace's people.", "safehold.foundation.tenancy.cli"
    ),
    "account": Entry(_PEOPLE, "List accounts, sign somebody out everywhere.", "safehold.foundation.identity.cli"),
    "staff": Entry(_PEOPLE, "Name staff, grant them a look into a workspace, end it.", "safehold.foundation.staff.cli"),
    "demo": Entry(
        _PEOPLE, "Make the two demo companies, list how to sign in, show a code.", "safehold.workspace.demo.cli"
    ),
    "import": Entry(
        _DATA, "Read a CSV file into a collection, all of its rows or none.", "safehold.workspace.records.cli"
    ),
    "import-entries": Entry(
        _DATA, "Choose whether each imported row gets an entry in the log.", "safehold.workspace.records.cli"
    ),
    "export": Entry(
        _DATA, "Write all of a workspace's records to a zip of CSV files.", "safehold.workspace.records.cli"
    ),
    "keys": Entry(_KEYS, "Show how old the keys are, and rotate them.", "safehold.foundation.keys.cli"),
}
