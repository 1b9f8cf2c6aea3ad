"""Forms of this room's pages."""

from __future__ import annotations

from django import forms

__all__ = ["AnchorForm"]


class AnchorForm(forms.Form):
    """Who is to be given heads of the log."""

    where = forms.CharField(
        label="Webhook or e-mail address",
        max_length=2000,
        help_text="https://… gets a signed message each hour, a mailbox one mail a day. Best one that nobody who runs "
        "this installation can reach.",
    )
