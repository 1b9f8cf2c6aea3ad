"""The period that the usage page shows."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms

__all__ = ["Period"]

_PERIODS = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("396", "13 months")]
_USUAL = "30"


class Period(forms.Form):
    """How many days back; what nobody understands is the usual number."""

    days = forms.ChoiceField(label="Period", choices=_PERIODS, required=False, initial=_USUAL)

    def first(self, last: date) -> date:
        """The first day of the period that ends with `last`."""
        number = self.cleaned_data.get("days") if self.is_valid() else ""
        return last - timedelta(days=int(number or _USUAL) - 1)
