"""Mails to people, for the rooms above: they leave once what they speak of is committed."""

from __future__ import annotations

from django.core.mail import EmailMessage

from safehold.foundation.identity import mail

__all__ = ["send_mail"]

_NOWHERE = (".invalid", ".example", ".test", ".localhost")
"""Domains that can receive no mail (RFC 2606 and 6761): canaries and demo people have them."""


def send_mail(*, to: str, subject: str, text: str) -> None:
    """Mail `text` when the open transaction has committed; never to an address that can't receive any."""
    if not to.endswith(_NOWHERE):
        mail.send_after_commit(EmailMessage(subject, text, to=[to]))
