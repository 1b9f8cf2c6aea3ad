"""Sending a mail once what it speaks of has been committed.

The transport is Django's `EMAIL_BACKEND` until the mail room brings a registered sender. A mail that can't be sent is
logged without its address or text; nothing that was done is undone for it.
"""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.db import transaction

__all__ = ["send_after_commit"]

log = logging.getLogger(__name__)


def send_after_commit(message: EmailMessage) -> None:
    """Send the message when the open transaction commits; at once where there is none. A rollback sends nothing."""
    transaction.on_commit(lambda: _send(message), robust=True)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:
        log.warning("a mail could not be sent: %s", type(error).__name__)  # no text, no address, no traceback
