"""`?wait=sealed`: the answer to a write comes once what it wrote has its place in the log, and says which.

One place for every operation. It stands outside of the request's transaction: until that has ended nothing is sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from safehold.foundation.audit.receipts import collecting, wait_for_receipt
from safehold.foundation.audit.waiting import place_to_wait
from safehold.foundation.scope.request import request_scope

__all__ = ["EVENT", "INDEX", "SIZE", "STATE", "ReceiptMiddleware"]

EVENT: Final = "Safehold-Event"
INDEX: Final = "Safehold-Index"
SIZE: Final = "Safehold-Checkpoint"
STATE: Final = "Safehold-Receipt"

_SECONDS: Final = 10.0
_READS: Final = ("GET", "HEAD", "OPTIONS")


class ReceiptMiddleware:
    """Puts the receipt on the answers of the API that ask for one.

    Where an operation wrote several events the receipt is for the last: the others stand before it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and wait for the place of what it wrote if that was asked for."""
        if not _asks(request):
            return self.get_response(request)
        with collecting() as written:
            response = self.get_response(request)
        if response.status_code < 400:
            _add_receipt(request, response, written)
        return response


def _asks(request: HttpRequest) -> bool:
    writes = request.path_info.startswith("/api/") and request.method not in _READS
    return writes and request.GET.get("wait") == "sealed"


def _add_receipt(request: HttpRequest, response: HttpResponseBase, written: list[UUID]) -> None:
    if not written:
        response[STATE] = "nothing-written"
        return
    response[EVENT] = str(written[-1])
    with place_to_wait(_SECONDS) as seconds:
        found = wait_for_receipt(scope=request_scope(request), event_id=written[-1], timeout=seconds)
    if found is None:  # it is stored, and will get its place: the caller asks for its proof later
        response[STATE], response["Retry-After"] = "pending", "5"
        return
    response[STATE], response[INDEX], response[SIZE] = "sealed", str(found.index), str(found.checkpoint)
