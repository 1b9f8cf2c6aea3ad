"""Forms of this room's pages."""

from __future__ import annotations

from django import forms

__all__ = ["StreamForm"]


class StreamForm(forms.Form):
    """Where a stream goes, and what it carries."""

    name = forms.CharField(max_length=100, help_text="What your people call it.")
    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="https://… for a webhook, or tls://HOST:6514 for syslog. Its certificate is checked.",
    )
    authorization = forms.CharField(
        required=False,
        max_length=4000,
        help_text="For a webhook whose receiver asks for one: the value of the header Authorization. Kept sealed.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    personal = forms.BooleanField(
        required=False,
        label="With personal values",
        help_text="Network addresses, e-mail addresses and names. What was sent can't be erased there from here.",
    )
    from_start = forms.BooleanField(
        required=False, label="From the beginning", help_text="Else it begins with what happens from now on."
    )
