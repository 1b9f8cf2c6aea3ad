"""Every role, with and without all departments, at every address, in their own workspace and another's.

What must come out stands in the one matrix. An address that this table can't fill in fails, so a new page or operation
is tried from its first day. Each answer is searched for what its reader may not see.
"""

from __future__ import annotations

import io
import logging
import logging.config
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import resolve

from safehold.foundation.access.addresses import Address, addresses, fill
from safehold.foundation.access.checks import declared_permission
from safehold.foundation.access.matrix import FIELD_READS, FieldClass, Permission, Role, can
from safehold.foundation.scope import clock
from support.answers import bare
from support.world import ABSENT, INSIDE, KEY, Outsider, Person, World

pytestmark = [pytest.mark.usefixtures("installation"), pytest.mark.slow]

ONE = "t/<slug:slug>/collections/<slug:key>/"
RECORD = f"{ONE}<uuid:record_id>/"
API = "api/v1/"
API_ONE = f"{API}collections/<slug:collection>"
RECORDS = f"{API_ONE}/records"

TOMORROW = (clock.now() + timedelta(days=1)).date().isoformat()

# What is sent to an address, by method. Pages that change something stand here, or refuse it for want of a form.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "t/<slug:slug>/members/invite/"): {"email": "new@example.com", "name": "New", "role": "viewer"},
    ("POST", "t/<slug:slug>/members/<uuid:member_id>/"): {"role": "employee", "departments": [1]},
    ("POST", "t/<slug:slug>/members/<uuid:member_id>/remove/"): {},
    ("POST", "t/<slug:slug>/members/<uuid:member_id>/invite-again/"): {},
    ("POST", "t/<slug:slug>/members/<uuid:member_id>/erase/"): {},
    ("POST", "t/<slug:slug>/streams/"): {"name": "Ours", "url": f"https://{INSIDE}/in"},
    ("POST", "t/<slug:slug>/streams/<uuid:stream_id>/pause/"): {},
    ("POST", "t/<slug:slug>/streams/<uuid:stream_id>/resume/"): {},
    ("POST", "t/<slug:slug>/streams/<uuid:stream_id>/end/"): {},
    ("POST", "t/<slug:slug>/anchors/"): {"where": "somebody@example.com"},
    ("POST", "t/<slug:slug>/anchors/<uuid:place_id>/end/"): {},
    ("POST", f"{API}anchors"): {"where": "somebody@example.com"},
    ("DELETE", f"{API}anchors/<uuid:place_id>"): None,
    ("POST", "t/<slug:slug>/auditors/"): {"email": "outside@example.com", "until": TOMORROW},
    ("POST", "t/<slug:slug>/auditors/<uuid:guest_id>/end/"): {},
    ("POST", "t/<slug:slug>/auditors/<uuid:guest_id>/erase/"): {},
    ("POST", "t/<slug:slug>/departments/"): {"name": "Newest"},
    ("POST", "t/<slug:slug>/departments/<int:number>/"): {"name": "Renamed"},
    ("POST", "t/<slug:slug>/departments/<int:number>/delete/"): {},
    ("POST", "t/<slug:slug>/settings/"): {"name": "Another name", "language": "en-gb"},
    ("POST", "t/<slug:slug>/new-collection/"): {"label": "Things"},
    ("POST", "t/<slug:slug>/imports/<uuid:import_id>/"): {"encoding": "utf-8", "column-0": "title"},
    ("POST", "t/<slug:slug>/imports/<uuid:import_id>/start/"): {},
    ("POST", "t/<slug:slug>/imports/<uuid:import_id>/discard/"): {},
    ("POST", f"{ONE}new/"): {"title": "Made", "department": 1},
    ("POST", f"{ONE}fields/new/"): {"label": "More", "type": "text", "field_class": "open"},
    ("POST", f"{ONE}fields/<slug:field>/"): {
        "label": "Headline",
        "type": "text",
        "field_class": "open",
        "indexed": "on",
    },
    ("POST", f"{ONE}import/entries/"): {"each_row": "yes"},
    ("POST", f"{ONE}rename/"): {"label": "Affairs", "singular": "Affair"},
    ("POST", f"{ONE}archive/"): {"archived": "yes"},
    ("POST", f"{RECORD}edit/"): {"title": "Changed", "version": 2},
    ("POST", f"{RECORD}move/"): {"department": 1, "version": 2},
    ("POST", f"{RECORD}delete/"): {},
    ("POST", f"{RECORD}restore/"): {},
    ("POST", "t/<slug:slug>/activity/log/"): {},
    ("POST", "t/<slug:slug>/tokens/"): {"name": "a script", "days": 90},
    ("POST", "t/<slug:slug>/tokens/<uuid:token_id>/revoke/"): {},
    ("POST", "t/<slug:slug>/support/approval/"): {"needed": "no"},
    ("POST", "t/<slug:slug>/support/<uuid:grant_id>/approve/"): {},
    ("POST", "t/<slug:slug>/support/<uuid:grant_id>/refuse/"): {},
    ("POST", "t/<slug:slug>/support/<uuid:grant_id>/end/"): {},
    ("PUT", f"{API}support-access/approval"): {"needed": False},
    ("PUT", f"{API}imports/entries"): {"each_row": True},
    ("POST", f"{API}support-access/<uuid:grant_id>/approve"): {},
    ("POST", f"{API}support-access/<uuid:grant_id>/refuse"): {},
    ("POST", f"{API}support-access/<uuid:grant_id>/end"): {},
    ("POST", f"{API}departments"): {"name": "Newest"},
    ("PATCH", f"{API}departments/<int:number>"): {"name": "Renamed"},
    ("DELETE", f"{API}departments/<int:number>"): None,
    ("POST", f"{API}members"): {"email": "new@example.com", "role": "viewer"},
    ("PATCH", f"{API}members/<uuid:member_id>"): {"role": "employee"},
    ("DELETE", f"{API}members/<uuid:member_id>"): None,
    ("POST", f"{API}members/<uuid:member_id>/erase"): {},
    ("POST", f"{API}collections"): {"key": "things", "fields": [{"key": "title"}]},
    ("PATCH", API_ONE): {"label": "Affairs"},
    ("POST", f"{API_ONE}/fields"): {"key": "more"},
    ("PUT", f"{API_ONE}/fields/<slug:field>"): {"key": "title", "required": True, "indexed": True},
    ("POST", RECORDS): {"values": {"title": "Made"}, "department": 1},
    ("POST", f"{RECORDS}.csv"): lambda person: person.file().decode(),
    ("PATCH", f"{RECORDS}/<uuid:record_id>"): {"version": 2, "values": {"title": "Changed"}},
    ("DELETE", f"{RECORDS}/<uuid:record_id>"): None,
    ("POST", f"{RECORDS}/<uuid:record_id>/restore"): {},
}
# Forms that read for one permission and write for another.
WRITES_NEED = {
    "t/<slug:slug>/departments/": Permission.DEPARTMENTS_MANAGE,
    "t/<slug:slug>/settings/": Permission.SETTINGS_MANAGE,
}
SIGNED = ("events/checkpoint", "activity/log/", "/proof", "/proof/")
"""Away until a log's first head is signed."""
ONLY_POST = {
    "remove/", "invite-again/", "erase/", "delete/", "start/", "discard/", "archive/", "move/", "restore/", "log/",
    "revoke/", "approve/", "refuse/", "end/", "approval/", "entries/", "pause/", "resume/"
}  # fmt: skip
# Who is limited to departments can't make what reaches further, whatever their role.
BEYOND_REACH = ("/departments", "/invite/", "/members", f"{API}collections", "/fields/")
EVERYBODY = [
    pytest.param((role, at), id=f"{role.value}{'-limited' if at else ''}") for role in Role for at in ((), (1,))
]
UNLIMITED = [pytest.param((role, ()), id=role.value) for role in Role]


@pytest.fixture(scope="module")
def worlds(installation) -> Iterator[tuple[World, World]]:
    """Two workspaces. When all has been tried, what isn't open stands in no event, no mail and no line of a log."""
    (installation.home / "static").mkdir(exist_ok=True)
    from django.test import override_settings

    place = replace(installation, egress_private=(INSIDE,))

    mail = "django.core.mail.backends.locmem.EmailBackend"
    with override_settings(EMAIL_BACKEND=mail, SAFEHOLD=place), listening() as lines:
        both = World("ours"), World("theirs")
        yield both
        sinks = "\n".join([*lines, *(text for world in both for text in told(world))])
        hidden = [world.value(each) for world in both for each in FieldClass if each is not FieldClass.OPEN]
        assert [mark for mark in hidden if any(form in sinks for form in disguises(mark))] == []


@contextmanager
def listening() -> Iterator[list[str]]:
    """Whatever is logged meanwhile, at any level, as the installation's own formatter writes it."""
    lines: list[str] = []
    listener = logging.Handler(logging.DEBUG)
    listener.emit = lambda record: lines.append(formatter.format(record))  # type: ignore[method-assign]
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(
        settings.LOGGING["formatters"]["lines"]
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(listener)


@pytest.fixture(scope="module")
def person(request, worlds) -> Person:
    return Person(worlds[0], *request.param)


def guarded() -> list[Address]:
    doors = (Permission.PUBLIC, Permission.SIGNED_IN, Permission.STAFF)
    return [each for each in addresses() if each.permission not in doors]


def _member_for(pattern: str) -> str:
    return "invited" if "invite-again" in pattern else "left" if "erase" in pattern else "member"


def filled(each: Address, person: Person, world: World, record: str = "one", **given: object) -> str:
    """The address with the names of things that are there. What can't be named fails: say it here."""
    ids = world.ids
    names = {
        "slug": world.tenant.slug,
        "key": KEY,
        "collection": KEY,
        "field": "title",
        "record_id": ids["deleted" if "restore" in each.pattern else record],
        "member_id": ids[_member_for(each.pattern)],
        "number": 3,
        "import_id": person.import_id if world is person.world else ids["import"],
        "event_id": ids["event"],
        "stream_id": ids["stream"],
        "place_id": ids["place"],
        "guest_id": ids["former" if "erase" in each.pattern else "guest"],
        "grant_id": ids["grant"],
        "token_id": person.token_id,
    } | given
    path = fill(each.pattern, names)
    assert "sample" not in path, f"{each.pattern}: this table has nothing to fill in there"
    assert "01890000-0000-7000-8000-000000000000" not in path, each.pattern
    return path


def tries(each: Address) -> list[str]:
    """The methods by which an address is asked."""
    if each.is_api:
        return list(each.methods)
    writes = ["POST"] if ("POST", each.pattern) in BODIES else []
    return writes if _only_post(each) else ["GET", *writes]


def _only_post(each: Address) -> bool:
    name = each.pattern.removesuffix("/").rpartition("/")[2] + "/"
    return name in ONLY_POST and not each.is_api


def body_of(method: str, each: Address, person: Person) -> Any:
    body = BODIES.get((method, each.pattern))
    return body(person) if callable(body) else body


def expected(each: Address, method: str, person: Person) -> tuple[bool, Permission]:
    writes = method == "POST" and can(person.role, each.permission)  # who may not come in isn't asked for more
    needed = WRITES_NEED.get(each.pattern, each.permission) if writes else each.permission
    return can(person.role, needed), needed


def judge(each: Address, method: str, person: Person, answer: Any) -> str:
    """What is wrong with an answer, if anything is."""
    allowed, needed = expected(each, method, person)
    status = answer.status_code
    if not allowed:
        explained = needed.value in answer.said and "These roles may do it" in answer.said
        return "" if status == 403 and explained else f"{status} instead of 403 that explains {needed.value}"
    if each.pattern.endswith(SIGNED):
        return "" if status in (200, 503) else f"{status}"
    beyond = person.departments and any(part in each.pattern for part in BEYOND_REACH)
    if status < 400 or (beyond and status in (403, 404)):
        return ""
    return f"{status} although {person.role.value} may: {answer.said[-400:]}"


def leaks(person: Person, other: World, answer: Any, *, design: bool = False) -> list[str]:
    """What the answer's bytes hold of what this person may not see.

    Who may design collections reads on that page what fields there are, since they have to answer for them.
    """
    unseen = [mark for mark in person.unseen if not (design and mark.startswith("Label "))]
    return [mark for mark in (*unseen, other.mark) if any(form in answer.said for form in disguises(mark))]


def disguises(mark: str) -> set[str]:
    """How a text may stand in an answer: as it is, in an address, in hex, and in base64 at any of its three offsets."""
    forms = {mark, quote(mark), quote_plus(mark), mark.encode().hex(), mark.encode("utf-16-le").decode("latin-1")}
    for before in range(3):
        whole = b64encode(b"\0" * before + mark.encode()).decode()
        middle = whole[-(-before * 8 // 6) : len(whole) - 4]  # what no neighbour changes
        forms |= {middle, middle.translate(str.maketrans("+/", "-_"))}
    return forms


def offered(person: Person, answer: Any) -> set[str]:
    """What a page links to, or sends a form to, that its reader's role may not open."""
    if "html" not in answer["Content-Type"]:
        return set()
    paths = set(re.findall(r'(?:href|action)="(/t/[^"?#]+)', answer.content.decode()))
    needed = {path: declared_permission(resolve(path).func) for path in paths}
    return {path for path, permission in needed.items() if not can(person.role, permission)}


def test_every_address_can_be_tried():
    known = {pattern for _, pattern in BODIES}
    assert known <= {each.pattern for each in addresses()}, "an address was renamed: rename it in this table"
    silent = [each.pattern for each in guarded() if _only_post(each) and ("POST", each.pattern) not in BODIES]
    changing = [
        (method, each.pattern)
        for each in guarded()
        for method in each.methods
        if method != "GET" and (method, each.pattern) not in BODIES
    ]
    assert silent == changing == []
    assert len(guarded()) > 60


@pytest.mark.parametrize("person", EVERYBODY, indirect=True)
def test_own_workspace(person, worlds):
    """Each cell of role × address: allowed, or denied with the permission and who holds it; and no byte too many."""
    ours, theirs = worlds
    faults = []
    for each in guarded():
        for method in tries(each):
            path = filled(each, person, ours)
            more = "?department=1" if (method, each.is_api, each.pattern[-4:]) == ("POST", True, ".csv") else ""
            answer = person.ask(method, path + more, body_of(method, each, person))
            wrong = judge(each, method, person, answer)
            faults += [f"{method} {each.pattern}: {wrong}"] if wrong else []
            shown = leaks(person, theirs, answer, design=each.pattern == f"{ONE}fields/")
            faults += [f"{method} {each.pattern} shows {mark}" for mark in shown]
            faults += [f"{each.pattern} offers {path}, which is refused" for path in offered(person, answer)]
    assert not faults, "\n".join(faults)


def test_an_auditor_reaches_the_log_of_one_workspace_and_nothing_else(worlds):
    """Every page, read and written: the log's open to a guest, and the refusal of all others says what is needed."""
    ours, theirs = worlds
    auditor, faults, opened = Outsider(ours), [], set()
    for each in (each for each in guarded() if not each.is_api):
        for method in tries(each):
            answer = auditor.ask(method, filled(each, auditor, ours), body_of(method, each, auditor))
            wrong = judge(each, method, auditor, answer)
            faults += [f"{method} {each.pattern}: {wrong}"] if wrong else []
            faults += [f"{method} {each.pattern} shows {mark}" for mark in leaks(auditor, theirs, answer)]
            faults += [f"{each.pattern} offers {path}, which is refused" for path in offered(auditor, answer)]
            opened |= {each.pattern} if answer.status_code < 400 else set()
            strange = auditor.ask(method, filled(each, auditor, theirs), body_of(method, each, auditor))
            faults += (
                [f"{method} {each.pattern}: {strange.status_code} elsewhere"] if strange.status_code != 404 else []
            )
    assert not faults, "\n".join(faults)
    assert all("/activity" in pattern for pattern in opened)
    assert len(opened) > 3


@pytest.mark.parametrize("person", UNLIMITED, indirect=True)
def test_another_workspace(person, worlds):
    """Nobody can tell another's workspace, or what is in it, from one that isn't there."""
    ours, theirs = worlds
    faults = []
    for each in guarded():
        if not each.is_api and "<slug:slug>" in each.pattern:
            for method in tries(each):
                body = body_of(method, each, person)
                path, absent = filled(each, person, theirs), filled(each, person, ours, slug="no-such-place")
                found, nothing = person.ask(method, path, body), person.ask(method, absent, body)
                slugs = [theirs.tenant.slug, "no-such-place"]
                faults += _differ(f"{method} {each.pattern}", found, nothing, theirs, also=slugs)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("person", UNLIMITED, indirect=True)
def test_another_workspaces_things(person, worlds):
    """Named by their ids from inside one's own, another workspace's things are as absent as what never was."""
    ours, theirs = worlds
    faults = []
    for each in guarded():
        named = [
            name
            for name in (
                "record_id",
                "member_id",
                "import_id",
                "event_id",
                "token_id",
                "grant_id",
                "guest_id",
                "stream_id",
                "place_id",
            )
            if name in each.pattern
        ]
        for method in tries(each) if named else ():
            body = body_of(method, each, person)
            path = filled(each, person, theirs, slug=ours.tenant.slug, token_id=uuid4())
            absent = filled(each, person, ours, **dict.fromkeys(named, ABSENT))
            found, nothing = person.ask(method, path, body), person.ask(method, absent, body)
            allowed, _ = expected(each, method, person)
            if found.status_code != (404 if allowed else 403):
                faults.append(f"{method} {each.pattern}: {found.status_code}")
            faults += _differ(f"{method} {each.pattern}", found, nothing, theirs, also=[path, absent])
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("person", EVERYBODY, indirect=True)
def test_another_departments_records(person, worlds):
    """Who is limited to a department finds nothing of another's; who isn't, does."""
    ours, theirs = worlds
    faults = []
    for each in guarded():
        if "record_id" not in each.pattern or "restore" in each.pattern:
            continue
        for method in tries(each):
            body = body_of(method, each, person)
            answer = person.ask(method, filled(each, person, ours, "two"), body)
            allowed, _ = expected(each, method, person)
            gone = allowed and person.departments
            if (gone and answer.status_code != 404) or (not gone and judge(each, method, person, answer)):
                faults.append(f"{method} {each.pattern}: {answer.status_code}")
            faults += [f"{method} {each.pattern} shows {mark}" for mark in leaks(person, theirs, answer)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("person", UNLIMITED, indirect=True)
def test_nobody_lowers_the_class_of_a_field_that_they_dont_see(person, worlds):
    """Designing collections is no way to values: what one may not see, one may not open either."""
    for each in (each for each in FieldClass if each not in FIELD_READS[person.role]):
        path = f"/api/v1/collections/{KEY}/fields/{each.value}"
        answer = person.ask("PUT", path, {"key": each.value, "class": "open", "indexed": True})
        assert answer.status_code in (403, 404), answer.said[-300:]
        form = {"label": "Opened", "type": "text", "field_class": "open", "indexed": "on"}
        answer = person.ask("POST", f"/t/{worlds[0].tenant.slug}/collections/{KEY}/fields/{each.value}/", form)
        assert answer.status_code in (403, 404), answer.said[-300:]


@pytest.mark.parametrize("person", UNLIMITED, indirect=True)
def test_an_unseen_field_is_as_if_it_werent_there(person, worlds):
    """By search, filter, order, export, writing and importing: the same answer as for a field that nobody ever made."""
    ours, _ = worlds
    faults = []
    for each in (each for each in FieldClass if each not in FIELD_READS[person.role]):
        for method, path, body in _about(ours, each.value, ours.value(each)):
            answer = person.ask(method, path, body)
            made_up = [(m, p, b) for m, p, b in _about(ours, "madeup", ours.value(each))]
            at = [p for _, p, _ in _about(ours, each.value, ours.value(each))].index(path)
            nothing = person.ask(*made_up[at])
            said, silence = (bare(got.said, ours.value(each), each.value, "madeup") for got in (answer, nothing))
            if answer.status_code != nothing.status_code or said != silence:
                faults.append(
                    f"{method} {path}: {answer.status_code}, not as for a made-up field ({nothing.status_code})"
                )
            if ours.label(each) in answer.said or f"{ours.value(each)} one" in answer.said:
                faults.append(f"{method} {path} shows the field")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("person", EVERYBODY, indirect=True)
def test_an_archive_of_the_workspace_holds_what_its_maker_may_see(person, worlds):
    """The zip of all collections, made with this person's rights: every file in it, unpacked."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows

    if not can(person.role, Permission.RECORDS_EXPORT):
        return
    with scoped(person.inside()) as scope:
        flows.export_workspace(scope=scope, target=(archive := io.BytesIO()))
    with zipfile.ZipFile(archive) as made:
        text = "\n".join([*made.namelist(), *(made.read(name).decode() for name in made.namelist())])
    assert worlds[0].value(FieldClass.OPEN, "one") in text
    assert [mark for mark in person.unseen if mark in text] == []


def test_it_is_seen_in_every_disguise():
    value = "zqsens12345678 one"
    for before in range(5):
        for after in range(5):
            sent = b64encode(b"x" * before + value.encode() + b"y" * after).decode()
            assert any(form in sent for form in disguises(value)), (before, after)
            assert any(form in sent.translate(str.maketrans("+/", "-_")) for form in disguises(value))
    assert any(form in quote(f"/a?q={value}") for form in disguises(value))


def told(ours: World) -> list[str]:
    """Every event's text, mail and name of an exported file so far."""
    from django.core import mail

    from factories import system
    from safehold.foundation.audit.models import Event
    from safehold.foundation.scope.transaction import scoped

    with scoped(system(ours.tenant)):
        bodies = [bytes(row.body).decode() for row in Event.objects.filter(tenant_id=ours.tenant.id)]
    assert len(bodies) > 10
    return [*bodies, *(each.message().as_string() for each in getattr(mail, "outbox", ()))]


def _about(world: World, key: str, value: str) -> list[tuple[str, str, Any]]:
    """Ways to ask about a field: a word as it is, as filter in each form, as order; and to write it."""
    lists = [f"/t/{world.tenant.slug}/collections/{KEY}/", f"/t/{world.tenant.slug}/collections/{KEY}.csv"]
    lists += [f"/api/v1/collections/{KEY}/records", f"/api/v1/collections/{KEY}/records.csv"]
    asked = (f"{key}={value}", f"{key}__not={value}", f"{key}__empty=no", f"{key}__begins={value[:6]}", f"sort={key}",
             f"sort=-{key}", f"q={value}")  # fmt: skip
    ways: list[tuple[str, str, Any]] = [("GET", f"{path}?{ask}", None) for path in lists for ask in asked]
    ways.append(("POST", f"/api/v1/collections/{KEY}/records", {"values": {"title": "T", key: value}, "department": 1}))
    record = f"/api/v1/collections/{KEY}/records/{world.ids['one']}"
    ways.append(("PATCH", record, {"version": 2, "values": {key: value}}))
    ways.append(("POST", f"/api/v1/collections/{KEY}/records.csv?department=1", f"title,{key}\nT,{value}\n"))
    return ways


def _differ(where: str, found: Any, nothing: Any, theirs: World, also: list[str]) -> list[str]:
    faults = []
    if found.status_code != nothing.status_code:
        faults.append(f"{where}: {found.status_code}, but {nothing.status_code} for what isn't there")
    if bare(found.said, *also) != bare(nothing.said, *also):
        faults.append(f"{where}: says something else than for what isn't there")
    if theirs.mark in found.said or theirs.tenant.name in found.said:
        faults.append(f"{where}: shows something of the other workspace")
    return faults
