"""Made-up content for the gallery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from safehold.ui.looks import LOOKS

__all__ = ["SampleForm", "context"]

_PEOPLE = (
    ("Ada Norris", "ada@example.com", "Owner", "active"),
    ("Benno Okafor", "benno@example.com", "Manager", "active"),
    ("", "cleo@example.com", "Viewer", "invited"),
)


class SampleForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField(max_length=80, help_text="As it should stand on pages and exports.")
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(choices=[("viewer", "Viewer"), ("manager", "Manager")])
    born = forms.DateField(label="Birth date", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    departments = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("0", "General"), ("1", "Sales"), ("2", "Research")],
        help_text="None means all.",
    )
    unique = forms.BooleanField(required=False, label="No two records alike", help_text="Checked when saving.")


def context() -> dict[str, Any]:
    """What the gallery's template shows."""
    now = timezone.now()
    wrong = SampleForm(
        {"name": "", "email": "ada.example.com", "role": "viewer", "departments": ["1"]}, auto_id="bad_%s"
    )
    return {
        "form": SampleForm(initial={"name": "Ada Norris"}),
        "wrong": wrong,
        "narrowing": SampleForm(initial={"role": "manager"}, auto_id="filter_%s"),
        "people": [
            {"name": name, "email": email, "role": role, "status": status, "at": now - timedelta(hours=9 * index)}
            for index, (name, email, role, status) in enumerate(_PEOPLE)
        ],
        "states": list(LOOKS),
        "moments": [now - timedelta(seconds=step) for step in (3, 400, 9000, 200000, 9000000)],
        "points": [(f"{day} November", (day * 7919) % 41 + 3) for day in range(1, 22)],
        "changes": [
            {"label": "City", "before": "Lyon", "after": "Reims"},
            {"label": "Fax", "before": "26.47.15.11", "after": ""},
        ],
        "digest": "9f2c51e6f1b0d4a3c77e0b8a2d61f35e8c0b9a1d4e7f20316c5b8a9d0e1f2a3b",
    }
