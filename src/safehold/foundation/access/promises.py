"""The promises about access. Their checks stand in the rooms that can try them: tenancy and records."""

from __future__ import annotations

from safehold.kernel.promise import Check, Promise

__all__ = ["CHECKS", "PROMISES"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "ACC-1",
        "Seven roles, one matrix",
        "Each workspace has the roles owner, admin, manager, accountant, hr, viewer and employee. What each "
        "may do stands in one matrix, which pages, the API and the checks all follow.",
    ),
    Promise(
        "ACC-2",
        "Roles can be limited to departments",
        "Somebody limited to departments reaches no record of another one. The database holds this, not only our code.",
    ),
    Promise(
        "ACC-3",
        "Some roles see no personal information",
        "Personal and sensitive fields are absent for roles without the right: in lists, search, history and "
        "exports alike.",
    ),
    Promise(
        "ACC-4",
        "Administration by named staff only",
        "Platform administrators act under accounts of their own, with grants that state an owner, a reason "
        "and an end, and each of their acts is audited.",
    ),
    Promise(
        "ACC-5",
        "Staff see content only for a support case",
        "Looking into a workspace takes a case, a reason and a time limit. Its people are told, and may "
        "require their approval.",
    ),
    Promise(
        "ACC-6",
        "Least privilege, ended the same day",
        "Who changes role or leaves loses sessions, tokens and grants at once.",
    ),
    Promise(
        "ACC-7",
        "No network is trusted",
        "Nobody is let in for where they connect from: the machine's own address and private networks sign in "
        "like anyone.",
    ),
    Promise(
        "ACC-8",
        "Controls follow the plan",
        "Which controls a workspace has depends on its plan, as data, checked in one place.",
    ),
)

CHECKS: tuple[Check, ...] = ()
