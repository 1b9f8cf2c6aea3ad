"""The privacy promises."""

from __future__ import annotations

from safehold.kernel.promise import Check, Promise

__all__ = ["CHECKS", "PROMISES"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "PRV-1",
        "Roles are clear",
        "We are the controller for our own site and the processor for our customers' data; whoever hosts it "
        "themselves is both. The record of processing for each role is complete and can be exported.",
    ),
    Promise(
        "PRV-2",
        "Only on documented instructions",
        "Customers' data is processed only as they have instructed, and the instructions are recorded in versions.",
    ),
    Promise(
        "PRV-3", "A lawful basis for everything", "Each processing activity in the register states its lawful basis."
    ),
    Promise(
        "PRV-4",
        "Consent first, and back at any time",
        "No marketing e-mail and no cookie beyond the necessary without consent, which is recorded and can be "
        "withdrawn at any time.",
    ),
    Promise(
        "PRV-5",
        "People's rights",
        "Access, rectification, erasure, restriction, objection and portability are handled within their "
        "deadlines, after a check of identity and by the controller's decision.",
    ),
    Promise(
        "PRV-6",
        "Requests go to the controller",
        "A request that reaches us about a customer's data is passed to that customer; we don't answer it by "
        "ourselves.",
    ),
    Promise(
        "PRV-7",
        "Owners export and erase by themselves",
        "A workspace's owner can take everything out and erase everything, confirmed by the second factor.",
    ),
    Promise(
        "PRV-8",
        "Exports are complete and portable",
        "An export holds all data as JSON and CSV, with the documents, a manifest and hashes.",
    ),
    Promise(
        "PRV-9",
        "Account data is gone 30 days after the end",
        "Unless the law requires longer, as for invoices (7 years), which are then kept apart and used for "
        "nothing else.",
    ),
    Promise(
        "PRV-10",
        "Ended means gone",
        "After the end of a contract data leaves the active systems, and backups run out by rotation.",
    ),
    Promise(
        "PRV-11",
        "Anonymous means anonymous",
        "Benchmark figures are formed only over groups large enough, carry no key to join them, and are never "
        "traced back.",
    ),
    Promise(
        "PRV-12",
        "Personal data isn't sold or used for our own ends",
        "There is no way out for personal data except to registered sub-processors.",
    ),
    Promise(
        "PRV-13",
        "Transfers out of the EU are safeguarded",
        "Each transfer rests on standard contractual clauses and further safeguards, recorded before anything is sent.",
    ),
    Promise(
        "PRV-14",
        "Changes of policy are announced",
        "In the product and on the page, which shows when it last changed.",
    ),
    Promise(
        "PRV-15",
        "The processing agreement is public",
        "Enterprise customers sign one of their own, which supersedes it.",
    ),
    Promise(
        "PRV-16",
        "You may complain to the authority",
        "Request pages and answers name the right to complain and the authority to turn to.",
    ),
    Promise(
        "PRV-17",
        "Extra help is estimated first",
        "Impact assessments and audits are scoped and priced, and accepted, before they begin.",
    ),
)

CHECKS: tuple[Check, ...] = ()
