"""AUD-6: secrets that are sent to every address stand nowhere afterwards; nor do the installation's own.

AUD-7's other half is here too: what is planted in the canaries' records stands in no line of a log.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.urls import reverse

from safehold.foundation.access.addresses import addresses, fill
from safehold.foundation.identity import canary
from safehold.foundation.identity.probe import Browser
from safehold.foundation.keys import canaries
from safehold.foundation.keys.rawscan import Needle, Needles, needles_of_bytes, needles_of_texts
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven
from safehold.kernel.redaction import LONGEST, redact
from safehold.operations.checks import sinks
from safehold.operations.database.config import QUIET
from safehold.operations.logs.writing import process_name

__all__ = ["check_database_log", "check_lines", "check_secrets", "planted", "send_everywhere"]

log = logging.getLogger(__name__)

_SHORTEST = 12
_JUDGED = LONGEST // 2
_QUERY = "token in an address"
_SENT_BACK = (_QUERY, "CSRF token")
"""What an answer may hold: links to the next page of the same address, and a form's own token."""
_FORMS = ("account_login", "account_signup", "account_reset_password")
"""Pages whose forms anybody may send. What is sent is never complete, so that nothing comes of it."""


def planted() -> dict[str, str]:
    """Secrets of every kind, made up for this once."""
    made = {name: f"Pl4nted-{secrets.token_hex(12)}" for name in ("password", "code", "answer", "recovery code")}
    made |= {name: f"planted{secrets.token_hex(14)}" for name in ("session cookie", "link", "key", _QUERY)}
    return made | {"CSRF token": secrets.token_hex(16), "API token": f"sfh_{secrets.token_urlsafe(32)}"}


def check_secrets(probe: ProbeContext) -> Finding:
    """Send planted secrets to every address, then look for them and for the installation's own in all that is kept."""
    place: Installation = settings.SAFEHOLD
    sent, control = planted(), f"control{secrets.token_hex(14)}"
    log.info("the check of secrets in logs: %s, password=%s", control, sent["password"])
    answers = list(send_everywhere(Browser(probe.url), sent))
    needles = Needles(needles_of_texts(sent | _canaries(probe)) + _own(place))
    kept_sinks = chain(sinks.audit_bodies((probe.left, probe.right)), sinks.mail(place))
    lines = list(sinks.log_lines(place))
    faults = sinks.standing_in(chain(lines, kept_sinks), needles)
    echoed = ((f"the answer of {name}", body) for name, body in answers)
    faults += sinks.standing_in(echoed, Needles(one for one in needles.all if one.label not in _SENT_BACK))
    faults += [f"{name} has a line with a secret in it" for name, content in lines if _unredacted(name, content)]
    if _own_log(place) and not any(control.encode() in content for _, content in lines):
        faults.append("the check is blind: what it logged a moment ago can't be found")
    evidence = {
        "requests": len(answers),
        "logs_and_segments": len(lines),
        "secrets": len(needles.all),
        "kinds": list(sent),
    }
    if faults:
        return broken(f"A secret was written down: {faults[0]}.", faults=faults[:20], **evidence)
    return kept(
        f"Secrets of {len(sent)} kinds, sent to every address in {len(answers)} requests, and the installation's own "
        "stand in no log, no event, no mail and no answer.",
        **evidence,
    )


def check_lines(probe: ProbeContext) -> Finding:
    """No planted value of the canaries' records and files stands in a line of a log, live or archived."""
    values = canaries.planted_values()
    lines = list(sinks.log_lines(settings.SAFEHOLD))
    faults = sinks.standing_in(iter(lines), Needles(needles_of_texts(values)))
    evidence = {"logs_and_segments": len(lines), "bytes": sum(len(content) for _, content in lines)}
    if faults:
        return broken(f"A line of a log holds content: {faults[0]}.", faults=faults[:20], **evidence)
    if not values:
        return unproven("No value is planted yet, so there was nothing to look for.")
    return kept(f"None of {len(values)} planted values stands in a line of a log.", **evidence)


def check_database_log(probe: ProbeContext) -> Finding:
    """The database server's own log is told to keep neither statements nor their values."""
    place: Installation = settings.SAFEHOLD
    with scoped(Scope(Kind.PLATFORM, actor="system:probe")), connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(QUIET)])
        found = dict(cursor.fetchall())
    loose = {name: value for name, value in found.items() if value != QUIET[name] and _matters(name, value)}
    if not loose:
        return kept("The database server logs no statement and no value.", settings=found)
    if place.database_admin_url is not None:
        return unproven("The outside database server may log statements with their values.", settings=loose)
    return broken("The database server logs statements or values.", settings=loose)


def send_everywhere(browser: Browser, sent: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Each address by each method, with secrets in every part of the request; and the open forms, incomplete."""
    form, headers = _form(sent), _headers(sent)
    for each in addresses():
        path = fill(each.pattern, {"link": sent["link"]}) + f"?token={quote(sent[_QUERY])}"
        for method in each.methods or ("GET", "POST"):
            body = json.dumps(form).encode() if each.is_api else urlencode(form).encode()
            kind = "application/json" if each.is_api else "application/x-www-form-urlencoded"
            content = b"" if method == "GET" else body
            answer = browser.send(method, path, content, headers | {"Content-Type": kind})
            yield f"{method} /{each.pattern}", answer.body.encode()
    for name in _FORMS:
        answer = browser.post(reverse(name), form)
        yield f"POST {reverse(name)}", answer.body.encode()


def _form(sent: dict[str, str]) -> dict[str, str]:
    names = ("password", "password1", "password2", "oldpassword", "new_password")
    codes = {"code": sent["code"], "otp": sent["code"], "recovery_code": sent["recovery code"]}
    known = {"token": sent["API token"], "answer": sent["answer"], "api_key": sent["key"], "login": "", "email": "-"}
    return dict.fromkeys(names, sent["password"]) | codes | known


def _headers(sent: dict[str, str]) -> dict[str, str]:
    cookies = {settings.SESSION_COOKIE_NAME: sent["session cookie"], settings.CSRF_COOKIE_NAME: sent["CSRF token"]}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Authorization": f"Bearer {sent['API token']}",
        "X-CSRFToken": sent["CSRF token"],
        "X-Api-Key": sent["key"],
    }


def _canaries(probe: ProbeContext) -> dict[str, str]:
    return {f"a canary's password ({tenant})": canary.password_of(tenant) for tenant in (probe.left, probe.right)}


def _own(place: Installation) -> list[Needle]:
    """The installation's own secret files: keys and the database's passwords."""
    found: list[Needle] = []
    for path in sorted(place.secrets.iterdir()):
        content = path.read_bytes().strip() if os.access(path, os.R_OK) and path.is_file() else b""
        if len(content) >= _SHORTEST:
            found += needles_of_bytes({f"secrets/{path.name}": content})
    return found


def _unredacted(name: str, content: bytes) -> bool:
    """Whether a line of one of our processes still has what redaction would take out."""
    if Path(name).name.startswith("database."):
        return False  # the server's own words, which are held to the needles
    return any(redact(text) != text for line in content.splitlines() for text in _texts(line))


def _texts(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        return [text[:_JUDGED]]
    if not isinstance(found, dict):
        return [text[:_JUDGED]]
    return [said for name in ("message", "error", "logger") if len(said := str(found.get(name, ""))) < _JUDGED]


def _own_log(place: Installation) -> bool:
    """Whether this process logs into one of the installation's files, where its own line has to be found."""
    return bool(settings.LOG_FILE) or (process_name() != "commands" and place.logs.is_dir())


def _matters(name: str, value: str) -> bool:
    """What is off by another word, or counts for nothing while no statement is logged."""
    return (name, value) not in {
        ("log_connections", ""),
        ("log_min_error_statement", "log"),
        ("log_transaction_sample_rate", "0"),
    }
