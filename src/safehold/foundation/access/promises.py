"""The promises about access. Most of their checks stand in the rooms that can try them: tenancy and records."""

from __future__ import annotations

from django.urls import get_resolver

from safehold.foundation.access.checks import declared_permission, pages
from safehold.kernel.promise import Check, Finding, ProbeContext, Promise, broken, kept

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
        "Staff of the platform are named people with accounts of their own. What opens a workspace to one of them "
        "states a case, a reason and an end, and each of their acts is in the workspace's log and in ours.",
    ),
    Promise(
        "ACC-5",
        "Staff see content only for a support case",
        "Looking into a workspace takes a case, a reason and a time limit, and only reads. Its owners are told at "
        "once, and may require their approval. The database itself ends it, at the second.",
    ),
    Promise(
        "ACC-6",
        "Least privilege, ended the same day",
        "Who changes role or leaves loses sessions, API tokens, grants and imports that wait, in the moment that "
        "notes it: members and staff alike.",
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


def check_pages(probe: ProbeContext) -> Finding:
    """Every address of the product declares who may come."""
    found = {address: declared_permission(view) for address, view in pages(get_resolver().url_patterns)}
    if silent := sorted(address for address, permission in found.items() if permission is None):
        return broken(f"{len(silent)} addresses don't say who may come.", addresses=silent)
    open_to_all = sorted(address for address, permission in found.items() if permission == "public")
    return kept(f"All {len(found)} addresses say who may come.", addresses=len(found), public=open_to_all)


CHECKS: tuple[Check, ...] = (Check("ACC-1", "pages-declare", check_pages),)
