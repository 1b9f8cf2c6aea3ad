"""Forms of this room's pages. They read what was typed; what may be is for the flows to say."""

from __future__ import annotations

from django import forms

__all__ = ["AskForm"]


class AskForm(forms.Form):
    """Which workspace, for which case, why, and for how long."""

    slug = forms.CharField(
        label="Workspace", max_length=40, help_text="Its part of the address, as in /t/northwind/: northwind."
    )
    case = forms.CharField(label="Case number", max_length=60)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text="The workspace's owners read this. Say what you need to see, and name nobody.",
    )
    minutes = forms.IntegerField(initial=30, min_value=1)
