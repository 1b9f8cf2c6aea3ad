"""A second opinion: pgrls, a linter and prover of row-level security by other people, over the whole database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict

from safehold.foundation.scope.catalogue import declared

_PART = re.compile(r"audit_event_(\dy(_\d{4}_\d\d)?|\dy_rest|rest|logs)")
_READS = {
    *("audit_event.sealer_reads", "audit_hold.sealer_reads", "audit_keeping.sealer_reads"),
    "audit_keeping.stamp_reads",
}
_SEALER = {f"audit_{table}.sealer_seals" for table in ("checkpoint", "leaf", "log", "node")} | _READS
_BY_KIND = {
    *("account_emailconfirmation.own_rows", "identity_attempt.own_rows", "tenancy_tenant.b_register"),
    *("staff_grant.register", "staff_member.register", "audit_hold.platform_holds", "audit_keeping.platform_says"),
    *("keys_platform_data_key.outside_tenants", "keys_platform_data_key.destroyed_by_the_platform"),
    "streams_stream.register",
}
_STAFF_READ = (
    *("keys_data_key", "objects_object", "staff_consent", "tenancy_department", "tenancy_member", "tenancy_tenant"),
    *("records_collection", "records_field", "records_import", "records_record", "records_reference"),
    *("records_setting", "records_unique", "records_version", "records_word", "usage_count"),
)
# They lay out the months of the events, or say in which one lies, and read nothing but a log's plan.
_MONTHS = {f"safehold.{name}" for name in ("attach_part", "class_now", "make_months", "new_part", "part_of")}
_DOOR = {"safehold.staff_tenant", "safehold.staff_until", "safehold.staff_would_open"}
_DOOR |= {"safehold.job_queue", "safehold.job_end", "safehold.job_list"}

EXPECTED = {
    # The sealer's own login reads and seals every log; tables.py of audit says so.
    "SEC008": _SEALER,
    "SEC038": _SEALER,
    "SEC028": _SEALER - _READS,
    # Opened by the kind of the scope, which the signed ticket says.
    "SEC005": _SEALER | _BY_KIND,
    # The append-only triggers only raise; test_append_only.py tries them as every role.
    "SEC013": {
        f"audit_{table}.refuse_change{of}"
        for table in ("checkpoint", "event", "leaf", "node")
        for of in ("", "_of_row")
    }
    | {"anchors_receipt.refuse_change", "anchors_receipt.refuse_change_of_row"}
    | {
        "staff_grant.keep_grant",
        "tenancy_guest.keep_guest",
        "streams_stream.keep_stream",
    },  # it compares the row with itself and reads nothing
    # Every name in them is qualified instead; the catalogue audit knows each text by its digest.
    "SEC014": set(declared().unpinned) | _DOOR | _MONTHS,
    "SEC015": set(declared().unpinned),
    # A bound in time, checked once a row as it is inserted, on no path that reads. For staff it is asked at each row:
    # nothing is read after their grant's end, not even by a cursor.
    "PERF002": {
        "audit_event.present_time",
        "staff_grant.at_the_door",
        "tenancy_guest.at_the_door",
        *(f"{table}.staff_rows" for table in _STAFF_READ),
    },
    # Policies beside the tenant's, which leads the index; the plans of all lists are tested.
    "PERF003": {
        *("audit_event.own_heads", "audit_event.present_time", "audit_event.sealer_adds"),
        *("staff_grant.at_the_door", "staff_member.at_the_door", "tenancy_guest.at_the_door", "keys_data_key.x_guest"),
        "tenancy_member.x_guest",
        *(f"records_{table}.department_rows" for table in ("record", "reference", "unique", "version", "word")),
    },
    # Asked once for each member, of guests only: whether the log names them. Everybody else's statements never plan it.
    "PERF004": {"tenancy_member.x_guest"},
}
"""What it finds fault with here, by its rule, each with our reason."""


def pgrls(installation, *arguments: str) -> dict:
    login = installation.login("owner")
    place = f"host={login.host} port={login.port} dbname={login.name} user={login.user} password={login.password}"
    command = [sys.executable, "-P", "-m", "pgrls", *arguments, "--schemas", "public,safehold", "--format", "json"]
    environment = os.environ | {"DATABASE_URL": place, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_it_finds_nothing_but_what_we_have_reasons_for(installation):
    found = defaultdict(set)
    for fault in pgrls(installation, "lint")["violations"]:
        if fault["severity"] != "info":
            found[fault["rule_id"]].add(fault["location"].removeprefix("public."))
    with_policies = {name for name in declared().exempt if name not in found["SEC001"]}
    assert found.pop("SEC001") == set(declared().exempt) - with_policies
    # The parts of the events are reached through the whole, and are bound, without a policy of their own, to stay so.
    parts = {name for name in found.pop("SEC009") if _PART.fullmatch(name)}
    assert {"audit_event_1y", "audit_event_5y_rest", "audit_event_logs"} <= parts
    found["SEC013"] -= {f"{name}.refuse_change" for name in parts}
    assert dict(found) == EXPECTED


def test_it_proves_that_nobody_reads_without_a_scope(installation):
    """Its other proofs go by settings and functions that it knows by name; ours it can't follow, which it says."""
    answer = pgrls(installation, "verify", "--mode", "anon")
    verdicts = {row["table"].removeprefix("public."): row["verdict"] for row in answer["tables"]}
    assert "leak" not in verdicts.values()
    # One policy each of two tables asks another table, which the prover can't follow.
    followed = set(verdicts) - set(declared().exempt) - {"tenancy_department", "tenancy_member"}
    outside = {"staff_member", "keys_platform_data_key"}
    isolated = {name for name, verdict in verdicts.items() if verdict == "isolated"}
    assert isolated == followed | outside
