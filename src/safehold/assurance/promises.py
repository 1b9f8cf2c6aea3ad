"""The promises about sub-processors, incidents, vulnerabilities, people and policies."""

from __future__ import annotations

from safehold.kernel.promise import Check, Promise

__all__ = ["CHECKS", "PROMISES"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "SUB-1",
        "The list of sub-processors is public",
        "Everyone who processes data for us is listed at /legal/sub-processors with name, purpose, data and "
        "region. The page is made from the register itself.",
    ),
    Promise(
        "SUB-2",
        "Sub-processors are examined before and every year",
        "Nobody receives data before we have examined them, and each examination is repeated every year.",
    ),
    Promise(
        "SUB-3",
        "Sub-processors are bound like we are",
        "A sub-processor is engaged only under a signed agreement with duties at least equal to ours.",
    ),
    Promise(
        "SUB-4",
        "Changes are announced first",
        "A new or changed sub-processor is announced in advance. Enterprise customers may object, and nothing "
        "is sent before the notice period ends.",
    ),
    Promise(
        "SUB-5",
        "Data goes to registered recipients only",
        "Everything that leaves passes one gateway, which refuses and records whatever isn't addressed to a "
        "registered, active sub-processor.",
    ),
    Promise(
        "SUB-6",
        "Card data never touches us",
        "Payments are made on Stripe's own pages. No card number reaches our servers, our database or our logs.",
    ),
    Promise(
        "SUB-7",
        "Certified data centres",
        "We host only in physically secure data centres whose certificates are on file and have not expired.",
    ),
    Promise(
        "INC-1",
        "Incidents follow a written process",
        "Each incident is identified, triaged, mitigated and investigated, in this order, with a timeline.",
    ),
    Promise(
        "INC-2",
        "Affected customers hear within 24 hours",
        "Once an incident is verified, affected customers are told within 24 hours, and in no case later than 72.",
    ),
    Promise(
        "INC-3",
        "A notice says what matters",
        "A notice says what happened, what it is likely to mean, what has been done and planned, and whom to "
        "ask. It can't be sent without these.",
    ),
    Promise(
        "INC-4",
        "Notices reach the right person",
        "Every customer names a security contact. Notices go to that contact, and delivery is followed up.",
    ),
    Promise(
        "VUL-1",
        "Dependencies are scanned at every build",
        "Each build lists what it is made of and checks the list against known vulnerabilities. Findings land "
        "in a register.",
    ),
    Promise(
        "VUL-2",
        "Fixes arrive within 7 days, critical ones within 24 hours",
        "Counted from the moment a fix is available.",
    ),
    Promise(
        "VUL-3",
        "Reports are welcome",
        "Anyone may report a vulnerability. We acknowledge, keep in touch, and publish together with the "
        "finder within 90 days.",
    ),
    Promise(
        "VUL-4",
        "Outsiders test us",
        "Independent people test the product. Their findings and the re-tests are on file.",
    ),
    Promise(
        "VUL-5",
        "Dependencies are locked",
        "Every dependency comes from a well-known registry and is locked by its hash.",
    ),
    Promise(
        "PPL-1",
        "Confidentiality is signed first",
        "Nobody among staff and contractors has access before they have signed a confidentiality agreement.",
    ),
    Promise(
        "PPL-2",
        "Security training on joining and every year",
        "Whoever is overdue loses access until the training is done.",
    ),
    Promise(
        "PPL-3",
        "Background checks",
        "Staff with access are checked as far as local law allows.",
    ),
    Promise(
        "PPL-4",
        "Policies are written, current and known",
        "Security policies have owners and review dates, and staff confirm that they have read them.",
    ),
    Promise(
        "PPL-5",
        "Someone is responsible",
        "Each security duty has a named holder and a deputy.",
    ),
    Promise(
        "PPL-6",
        "Changes are reviewed",
        "Every change is version-controlled and reviewed by a second person, and staging is apart from production.",
    ),
)

CHECKS: tuple[Check, ...] = ()
