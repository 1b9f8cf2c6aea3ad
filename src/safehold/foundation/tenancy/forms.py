"""Forms of this room's pages. They read what was typed; what may be is for the flows to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from safehold.foundation.access.matrix import Role
from safehold.foundation.tenancy.models import Department, Status

__all__ = ["DepartmentForm", "InviteForm", "MemberForm", "MembersFilter", "SettingsForm"]

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


class DepartmentForm(forms.Form):
    """A department's name."""

    name = forms.CharField(max_length=100)


class SettingsForm(forms.Form):
    """What a workspace may change about itself."""

    name = forms.CharField(max_length=100)
    language = forms.ChoiceField(choices=[("en-gb", "English")])
