"""ACC-7: every address that isn't public is asked for without credentials, from places that others would trust."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from safehold.foundation.access.addresses import Address, addresses, fill
from safehold.foundation.access.matrix import Permission
from safehold.foundation.identity.probe import Browser
from safehold.kernel.promise import Finding, ProbeContext, broken, kept
from safehold.operations.checks.https import Visit
from safehold.operations.processes.visit import client_context, connect_address

__all__ = ["check_no_network_is_trusted"]

PRIVATE = ("127.0.0.1", "10.0.0.7")
"""Where a caller of the application is made out to be: at the machine itself, and in a private network."""

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")


def claims(host: str) -> dict[str, dict[str, str]]:
    """The headers by which a caller claims to come from somewhere, or to have been let in already."""
    local = dict.fromkeys(_FORWARDED, "127.0.0.1") | {"Forwarded": "for=127.0.0.1;proto=https"}
    private = dict.fromkeys(_FORWARDED, "10.0.0.7") | {"Forwarded": "for=10.0.0.7;proto=https"}
    users = dict.fromkeys(("Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Authenticated-User"), "owner")
    return {
        "nothing": {},
        "to be this machine": {**local, "X-Forwarded-Host": "localhost", "Host": host},
        "to be in a private network": {**private, "X-Forwarded-Server": "internal"},
        "to be let in by a proxy": {**users, "X-Forwarded-Proto": "https", "X-SSL-Client-Verify": "SUCCESS"},
    }


Asked = tuple[str, str, str]
"""From where, method and path."""


def check_no_network_is_trusted(probe: ProbeContext) -> Finding:
    """Each is answered with the way to sign in (pages) or with 401 (API), whoever the caller claims to be."""
    guarded = [each for each in addresses() if each.permission is not Permission.PUBLIC]
    asked, let_in, listener = 0, [], "not running"
    for (place, method, path), is_api, status, location in _all_answers(guarded, probe.url):
        asked += 1
        listener = "asked" if place.startswith("listener") else listener
        if not _refused(status, location, is_api=is_api):
            let_in.append(f"{method} {path}, {place}: {status}")
    evidence = {"asked": asked, "addresses": len(guarded), "listener": listener, "places": list(PRIVATE)}
    if let_in:
        return broken(f"{len(let_in)} of {asked} requests without credentials were answered.", let_in=let_in[:20])
    return kept(f"{asked} requests without credentials for {len(guarded)} addresses were refused alike.", **evidence)


def _refused(status: int, location: str, *, is_api: bool) -> bool:
    if is_api:
        return status == 401
    return status == 302 and location.partition("?")[0] == reverse("account_login")


_Answers = Iterator[tuple[Asked, bool, int, str]]


def _all_answers(guarded: list[Address], url: str | None) -> _Answers:
    for place in PRIVATE:
        yield from _from_within(guarded, place)
    if url is not None:
        for claim, headers in claims(urlsplit(url).netloc).items():
            yield from _over_tls(guarded, url, claim, headers)


def _from_within(guarded: list[Address], place: str) -> _Answers:
    """Ask the application itself, as a server would that had the caller at that place."""
    browser = Browser(address=place)
    for each in guarded:
        for method in each.methods or ("GET",):
            answer = browser.ask(method, path := fill(each.pattern))
            yield (f"application, from {place}", method, path), each.is_api, answer.status, answer.location


def _over_tls(guarded: list[Address], url: str, claim: str, headers: Mapping[str, str]) -> _Answers:
    """Ask the listener, from this machine, with what is claimed. Where nothing listens, nothing is asked."""
    installation, parts = settings.SAFEHOLD, urlsplit(url)
    place = (connect_address(installation), parts.port or 443)
    connection = Visit(place, parts.hostname or "localhost", client_context(installation))
    try:
        for each in guarded:
            for method in each.methods or ("GET",):
                path = fill(each.pattern)
                connection.request(method, path, headers={"Host": parts.netloc, "Accept": "text/html", **headers})
                answer = connection.getresponse()
                answer.read()
                asked = (f"listener, claiming {claim}", method, path)
                yield asked, each.is_api, answer.status, answer.getheader("Location") or ""
    except ConnectionRefusedError:
        return
    except (OSError, http.client.HTTPException) as error:
        yield (f"listener, claiming {claim}: {type(error).__name__}", "GET", url), False, 0, ""
    finally:
        connection.close()
