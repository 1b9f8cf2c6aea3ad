"""The filters of the activity page."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from safehold.foundation.audit.registry import event_types
from safehold.foundation.audit.selectors import Filters

__all__ = ["ActivityFilter", "presets"]

_DAY = {"type": "date"}


def _types() -> list[tuple[str, str]]:
    return [("", "Anything"), *((name, name.replace(".", ": ").replace("-", " ")) for name in event_types())]


def presets(today: date) -> list[tuple[str, str]]:
    """The periods that are one press away: what each is called, and the day it begins with. All go on until now."""
    days = (("Today", 0), ("7 days", 6), ("30 days", 29))
    return [(label, (today - timedelta(days=back)).isoformat()) for label, back in days]


class ActivityFilter(forms.Form):
    """From the address of the activity page to what the selector understands."""

    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    type = forms.ChoiceField(required=False, label="What", choices=_types)
    text = forms.CharField(required=False, label="Text", max_length=200)
    actor = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    on = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    security = forms.BooleanField(required=False, label="Security only")

    def clean(self) -> dict[str, Any]:
        """The days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "Expected a day that isn't before the first one.")
        return cleaned

    def filters(self) -> Filters:
        """What to list; days are whole days in UTC."""
        asked = self.cleaned_data
        since, until = asked["since"], asked["until"]
        return Filters(
            actor=asked["actor"],
            type=asked["type"],
            on=asked["on"],
            text=asked["text"],
            since=datetime.combine(since, time.min, UTC) if since else None,
            until=datetime.combine(until + timedelta(days=1), time.min, UTC) if until else None,
            security=asked["security"],
        )
