"""What we promise about the workspace's data, and how access to records is proved on the running system."""

from __future__ import annotations

from safehold.kernel.promise import Check, Promise
from safehold.workspace.records.probes.departments import departments_are_apart
from safehold.workspace.records.probes.leaving import waiting_imports_end
from safehold.workspace.records.probes.masking import viewers_see_no_sealed_field
from safehold.workspace.records.probes.writes import PROVOKERS, WRITE_PROBES

__all__ = ["CHECKS", "PROMISES", "PROVOKERS", "WRITE_PROBES"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "WRK-1",
        "Records of your own making",
        "Employees, clients, invoices and whatever else you keep: collections with fields that you define and "
        "classify, by department, with history, search, and CSV in and out.",
    ),
    Promise(
        "WRK-2",
        "Documents",
        "Files are encrypted, every version is kept, and each is copied to a second store.",
    ),
    Promise(
        "WRK-3",
        "Signatures",
        "Members and outsiders sign documents, and the evidence of it can be checked by anybody.",
    ),
    Promise(
        "WRK-4",
        "E-mail from the workspace",
        "Messages leave through the registered sender, and each sending is in the activity log.",
    ),
    Promise(
        "WRK-5",
        "Connectors",
        "What is no secret is kept here; what is one lies in the secret store.",
    ),
    Promise(
        "WRK-6",
        "Pipelines under policy",
        "Pipeline runs and deployments are taken in and checked against policy bundles. A bundle certifies nothing, "
        "and says so.",
    ),
    Promise(
        "WRK-7",
        "Usage is metered",
        "What each workspace uses is counted, and each plan has its quotas.",
    ),
    Promise(
        "WRK-8",
        "Subscriptions",
        "Starter, Professional and Enterprise, with trials and reminders; payments go through Stripe.",
    ),
    Promise(
        "WRK-9",
        "Reading documents by machine",
        "A document is turned into records by a registered AI sub-processor, and only where the customer tells us to.",
    ),
    Promise(
        "WRK-10",
        "A workspace of one's own",
        "Sign-up, the organisation's name and address, its plan, its people and departments, and its language.",
    ),
    Promise(
        "WRK-11",
        "A public site",
        "Requests for a demonstration and messages come in by forms that ask for consent.",
    ),
    Promise(
        "WRK-12",
        "An API for all of it",
        "Whatever the pages do, the REST API does too, under the same rules.",
    ),
    Promise(
        "WRK-13",
        "Hosted or your own",
        "The same software runs as a managed service and on machines of your own.",
    ),
)

CHECKS: tuple[Check, ...] = (
    Check("ACC-2", "managers of one department ask for another's record in every way there is", departments_are_apart),
    Check("ACC-3", "a viewer reads every sealed field in every way there is", viewers_see_no_sealed_field),
    Check("ACC-6", "an import waits while its sender changes role or leaves", waiting_imports_end),
)
