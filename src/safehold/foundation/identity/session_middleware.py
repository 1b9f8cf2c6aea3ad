"""Gives each request its session, told where it is used from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db.transaction import get_connection
from django.http import HttpRequest, HttpResponse

from safehold.foundation.identity.devices import device_of
from safehold.foundation.identity.flows.sessions import Origin
from safehold.foundation.identity.sessions import SessionStore
from safehold.foundation.scope.transaction import current_scope

__all__ = ["SessionMiddleware"]


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, with the request's address and device on the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session that the cookie names; nothing is read before somebody asks it something."""
        store = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        language = request.headers.get("Accept-Language", "").partition(",")[0][:16]
        store.origin = Origin(
            address=current_scope().address, device=device_of(request.headers.get("User-Agent", "")), language=language
        )
        request.session = store

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Store what changed, unless all of it is being rolled back; forget the cookie of a session that was ended.

        A session can end within its own request: somebody leaves the workspace that it was for.
        """
        if get_connection().needs_rollback:
            return response
        try:
            stored: HttpResponse = super().process_response(request, response)
        except SessionInterrupted:
            response.delete_cookie(
                settings.SESSION_COOKIE_NAME,
                path=settings.SESSION_COOKIE_PATH,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
            return response
        return stored
