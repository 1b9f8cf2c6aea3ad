"""Forms of this room's pages. They read what was typed; what may be is for the flows to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from safehold.foundation.access.matrix import Role
from safehold.foundation.tenancy.models import Department, Status

__all__ = ["AuditorForm", "DepartmentForm", "InviteForm", "MemberForm", "MembersFilter", "SettingsForm"]

_ROLES = [(role.value, role.value.capitalize() if role is not Role.HR else "HR") for role in Role]


class MembersFilter(forms.Form):
    """What narrows the list of members."""

    q = forms.CharField(required=False, max_length=200)
    role = forms.ChoiceField(required=False, choices=[("", "Any role"), *_ROLES])
    status = forms.ChoiceField(required=False, choices=[("", "Active and invited"), *Status.choices])


class MemberForm(forms.Form):
    """A member's role and the departments they are scoped to; none ticked means all."""

    role = forms.ChoiceField(choices=_ROLES)
    departments = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none to let them reach every department.",
    )

    def __init__(self, *args: Any, departments: Iterable[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["departments"].choices = [(each.number, each.name) for each in departments]  # type: ignore[attr-defined]


class InviteForm(MemberForm):
    """Who is invited, and as what."""

    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(max_length=100, required=False)
    field_order = ("email", "name", "role", "departments")


class AuditorForm(forms.Form):
    """Who is let in to read the log, and until the end of which day."""

    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(max_length=100, required=False)
    until = forms.DateField(
        label="Until",
        help_text="The last day, in UTC. Access ends with its last second.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_until(self) -> datetime:
        """The moment after the last one."""
        day: date = self.cleaned_data["until"]
        return datetime.combine(day + timedelta(days=1), time.min, UTC)


class DepartmentForm(forms.Form):
    """A department's name."""

    name = forms.CharField(max_length=100)


class SettingsForm(forms.Form):
    """What a workspace may change about itself."""

    name = forms.CharField(max_length=100)
    language = forms.ChoiceField(choices=[("en-gb", "English")])
