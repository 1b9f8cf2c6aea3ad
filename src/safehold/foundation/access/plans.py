"""What each plan has: one table of data that flows, pages, the API, checks and the reference all read.

What keeps a workspace safe isn't sold: second factors, password rules, the seven roles, departments that hold in the
database, sealed fields and taking one's data out are on every plan. A feature stands here once something asks for it.
"""

from __future__ import annotations

from enum import StrEnum

from safehold.foundation.access.errors import NotInPlan

__all__ = ["PLANS", "TITLES", "Amount", "Feature", "Plan", "amount", "in_words", "lessened", "limits", "refusal"]

Amount = int | bool | None
"""How much of a feature a plan has: whether at all, how many, or None for as many as wanted."""


class Plan(StrEnum):
    """What a tenant pays for, from least to most."""

    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class Feature(StrEnum):
    """What depends on the plan."""

    DEPARTMENTS = "departments"
    API_TOKENS = "api-tokens"
    ACTIVITY_YEARS = "activity-years"


_F = Feature
PLANS: dict[Plan, dict[Feature, Amount]] = {
    Plan.STARTER: {_F.DEPARTMENTS: 3, _F.API_TOKENS: False, _F.ACTIVITY_YEARS: 1},
    Plan.PROFESSIONAL: {_F.DEPARTMENTS: 20, _F.API_TOKENS: True, _F.ACTIVITY_YEARS: 3},
    Plan.ENTERPRISE: {_F.DEPARTMENTS: None, _F.API_TOKENS: True, _F.ACTIVITY_YEARS: 5},
}
"""The only truth about plans. Nothing else compares a plan's name."""

TITLES: dict[Feature, str] = {
    _F.DEPARTMENTS: "Departments",
    _F.API_TOKENS: "API tokens",
    _F.ACTIVITY_YEARS: "Years for which the activity is kept",
}
"""What people read."""

_WHO = "Whoever runs this installation changes a workspace's plan; an owner can ask for it."


def amount(plan: str, feature: Feature) -> Amount:
    """How much of a feature a plan has."""
    return PLANS[Plan(plan)][feature]


def refusal(plan: str, feature: Feature, used: int = 0) -> NotInPlan | None:
    """Why a workspace on this plan can't have one more, when it uses so many; None where it can."""
    has = amount(plan, feature)
    if has is None or has is True or used < has:
        return None
    title = TITLES[feature].lower() if feature is not Feature.API_TOKENS else TITLES[feature]
    if has is False:
        message = f"The plan {plan.capitalize()} has no {title}."
    else:
        message = f"The plan {plan.capitalize()} has {has} {title}, and this workspace uses {used}."
    more = " and ".join(name if words == "yes" else f"{name} ({words})" for name, words in _more(feature, has))
    hint = f"More is part of {more}. {_WHO}" if has else f"They are part of {more}. {_WHO}"
    return NotInPlan(message, permission=f"plan:{feature.value}", hint=hint)


def in_words(has: Amount) -> str:
    """An amount as people read it."""
    if has is None:
        return "no limit"
    return ("yes" if has else "no") if isinstance(has, bool) else str(has)


def limits(plan: str) -> list[tuple[str, str, str]]:
    """For each feature its title, what the plan has, and what larger plans have."""
    return [
        (TITLES[feature], in_words(has), ", ".join(f"{name}: {words}" for name, words in _more(feature, has)))
        for feature, has in PLANS[Plan(plan)].items()
    ]


def lessened(before: str, after: str) -> list[tuple[str, str, str]]:
    """What a change of plan takes away: title, what there was, what there is."""
    return [
        (TITLES[feature], in_words(amount(before, feature)), in_words(amount(after, feature)))
        for feature in Feature
        if _size(amount(after, feature)) < _size(amount(before, feature))
    ]


def _more(feature: Feature, than: Amount) -> list[tuple[str, str]]:
    return [
        (plan.capitalize(), in_words(table[feature]))
        for plan, table in PLANS.items()
        if _size(table[feature]) > _size(than)
    ]


def _size(has: Amount) -> float:
    return float("inf") if has is None else has
