"""Through pages and API nobody learns whether a value is another workspace's: by no answer, and by no work done for it.

Whatever a person can send, and another workspace may have, is sent twice: as the other one has it, and as a twin of the
same shape that nobody has. Hypothesis dresses both alike: cut, in capitals, with more before and behind. Status, text
and headers must be the same but for the value itself, and so must the statements that the database is asked: how long
it takes follows from these. The last tests see that a leak would be noticed.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings, strategies as st

from factories import make_member, system
from safehold.foundation.access.matrix import FieldClass, Role
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.flows import create_department
from safehold.workspace.records import flows
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.shape import FieldSpec
from safehold.workspace.records.values import FieldType
from support.answers import bare
from support.world import INSIDE, Person, World

pytestmark = [pytest.mark.usefixtures("installation"), pytest.mark.slow]

KEY = "uniques"
FIELDS = (
    FieldSpec("code", FieldType.NUMBER, required=True, unique=True, indexed=True),
    FieldSpec("name", unique=True, indexed=True),
    FieldSpec("note", field_class=FieldClass.CONFIDENTIAL, unique=True, indexed=True),
    FieldSpec("email", FieldType.EMAIL, field_class=FieldClass.PERSONAL, unique=True, indexed=True),
    FieldSpec("secret", field_class=FieldClass.SENSITIVE, unique=True, indexed=True),
    FieldSpec("chief", FieldType.REFERENCE, target=KEY),
)
SEALED = ("note", "email", "secret")
UNIQUE = ("name", *SEALED)


@dataclass(repr=False)
class Other:
    """What a workspace has that another might ask for: each value once, random, and nowhere else."""

    world: World
    first: str = ""
    """How names begin here: a cursor stands before or behind them, whatever it is of."""
    account: str = ""
    """The address of somebody who has signed in there."""

    def __post_init__(self) -> None:
        mark = "".join(_LETTERS[int(each, 16)] for each in self.world.mark)
        self.mark = mark
        self.code = str(4_000_000_000 + int(self.world.mark, 16) % 1_000_000_000)
        self.values = {each: f"{self.first}{each}0{mark}" for each in UNIQUE} | {"email": f"mail0{mark}@example.com"}
        self.file = f"code,name\n1,file0{mark}\n".encode()
        self.filename = f"file0{mark}.csv"
        self.department = f"Depot {mark}"
        self.key = f"kept0{mark}"
        with scoped(system(self.world.tenant)) as scope:
            flows.create_collection(scope=scope, key=KEY, fields=FIELDS)
            flows.create_collection(scope=scope, key=self.key, fields=(FieldSpec("title"),))
            made = flows.create_record(scope=scope, collection=KEY, values={"code": self.code, **self.values})
            kept = flows.keep_file(
                scope=scope, collection=KEY, data=self.file, filename=self.filename, options=ImportOptions()
            )
            create_department(scope=scope, name=self.department)
        self.record, self.kept = made.id, kept
        self.member = make_member(
            self.world.tenant, Role.VIEWER, name=f"Person {mark}", email=f"who0{mark}@example.com"
        )

    def cursor(self, record: UUID, name: str) -> str:
        """Where a page that ends with a record does, sorted by name."""
        return urlsafe_b64encode(json.dumps([record.hex, name]).encode()).decode().rstrip("=")


_LETTERS = "ghijklmnopqrtuvw"  # without s, which would make it a plural
_HEX = "0123456789abcdef"
_MOVED = str.maketrans(_LETTERS + _HEX, _LETTERS[5:] + _LETTERS[:5] + "5678901234" + "defabc")


def twin(value: str) -> str:
    """A value of the same shape that nobody has: each letter and digit is another one of its kind."""
    return re.sub(r"[g-w]{8}", lambda found: found[0].translate(_MOVED), value)


def twin_id(identifier: UUID) -> UUID:
    """An id of the same moment that nobody has."""
    return UUID(int=identifier.int ^ 0xFFFFFFFF)


Asked = tuple[str, str, Any]
PAGE, LIST = f"/t/{{slug}}/collections/{KEY}/", f"/api/v1/collections/{KEY}/records"


def written(field: str) -> Callable[[str], Asked]:
    def create(value: str) -> Asked:
        return "POST", LIST, {"values": {"code": "7", field: value}}

    return create


def edited(field: str) -> Callable[[str], Asked]:
    def edit(value: str) -> Asked:
        return "PATCH", f"{LIST}/{{record}}", {"version": 1, "values": {field: value}}

    return edit


def file_with(**values: str) -> str:
    """A table with a row that has these values, and a column for every field."""
    cells = [values.get(each.key, "7" if each.key == "code" else "") for each in FIELDS]
    return ",".join(each.key for each in FIELDS) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n"


def imported(field: str) -> Callable[[str], Asked]:
    def rows(value: str) -> Asked:
        return "POST", f"{LIST}.csv", file_with(**{field: value})

    return rows


def listed(ask: str, where: str = LIST) -> Callable[[str], Asked]:
    return lambda value: ("GET", f"{where}?{ask.format(quote(value))}", None)


def posted(path: str, field: str, /, **more: Any) -> Callable[[str], Asked]:
    return lambda value: ("POST", path, {field: value, **more})


def got(path: str) -> Callable[[str], Asked]:
    return lambda value: ("GET", path.replace("{value}", quote(value, safe="")), None)


# How a value is sent, by what it is.
WAYS: dict[str, dict[str, Callable[[str], Asked]]] = {
    **{
        field: {
            "created": written(field),
            "edited": edited(field),
            "imported": imported(field),
            "filtered": listed(f"{field}={{}}"),
            "filtered otherwise": listed(f"{field}__not={{}}"),
            "begun": listed(f"{field}__begins={{}}"),
            "searched": listed("q={}"),
            "searched on the page": listed("q={}", PAGE),
            "filtered on the page": listed(f"{field}={{}}", PAGE),
            "exported": listed(f"{field}={{}}", f"{LIST}.csv"),
            "typed": posted(f"{PAGE}new/", field, code="7", department=1),
        }
        for field in UNIQUE
    },
    "code": {
        "created": lambda value: ("POST", LIST, {"values": {"code": value}}),
        "imported": lambda value: ("POST", f"{LIST}.csv", file_with(code=value)),
        "filtered": listed("code={}"),
        "above": listed("code__gte={}"),
        "pointed to": lambda value: ("POST", LIST, {"values": {"code": "7", "chief": value}}),
        "pointed to by a filter": listed("chief={}"),
        "pointed to by a file": lambda value: ("POST", f"{LIST}.csv", file_with(chief=value)),
        "typed": posted(f"{PAGE}new/", "code", department=1),
    },
    "record": {
        "opened": got(f"{LIST}/{{value}}"),
        "searched": listed("q={}"),
        "pointed to": lambda value: ("POST", LIST, {"values": {"code": "7", "chief": value}}),
        "in the log": listed("on=record:{}", "/t/{slug}/activity/"),
        "in the log of the API": listed("on=record:{}", "/api/v1/events"),
    },
    "cursor": {"after": listed("sort=name&after={}"), "after, on the page": listed("sort=name&after={}", PAGE)},
    "department": {
        "made": posted("/api/v1/departments", "name"),
        "typed": posted("/t/{slug}/departments/", "name"),
        "renamed": posted("/t/{slug}/departments/1/", "name"),
    },
    "key": {
        "made": posted("/api/v1/collections", "key", fields=[{"key": "title"}]),
        "typed": posted("/t/{slug}/new-collection/", "label"),
        "opened": got("/t/{slug}/collections/{value}/"),
        "asked": got("/api/v1/collections/{value}"),
    },
    "person": {
        "invited": posted("/api/v1/members", "email", role="viewer"),
        "typed": posted("/t/{slug}/members/invite/", "email", name="N", role="viewer"),
        "let in": posted("/t/{slug}/auditors/", "email", until="2027-06-01"),
        "searched": listed("q={}", "/t/{slug}/members/"),
        "in the log": listed("q={}", "/t/{slug}/activity/"),
    },
    "account": {
        "invited": posted("/api/v1/members", "email", role="viewer"),
        "let in": posted("/t/{slug}/auditors/", "email", until="2027-06-01"),
        "searched": listed("q={}", "/t/{slug}/members/"),
    },
    "slug": {
        "opened": got("/t/{value}/"),
        "set up": posted("/t/{slug}/settings/", "slug", name="Same", language="en"),
    },
    "stream": {"begun": posted("/t/{slug}/streams/", "url", name="Ours")},
    "import": {"opened": got("/t/{slug}/imports/{value}/")},
    "token": {"named": posted("/t/{slug}/tokens/", "name", days=9)},
}
CHOICES = [(kind, way) for kind, ways in WAYS.items() for way in ways]


@pytest.fixture(scope="module")
def sides(installation) -> Iterator[tuple[Person, Other, Other]]:
    """Somebody who may everything in one workspace, what is there, and what another has."""
    (installation.home / "static").mkdir(exist_ok=True)
    mail = "django.core.mail.backends.locmem.EmailBackend"
    with override_settings(EMAIL_BACKEND=mail, SAFEHOLD=replace(installation, egress_private=(INSIDE,))):
        ours, theirs = Other(World("ours"), "a"), Other(World("theirs"))
        theirs.account = Person(theirs.world, Role.OWNER).email
        yield Person(ours.world, Role.OWNER), ours, theirs


def pair(kind: str, theirs: Other) -> tuple[str, str]:
    """What the other workspace has, and its twin."""
    ids = {"record": theirs.record, "import": theirs.kept}
    if kind in ids:
        return str(ids[kind]), str(twin_id(ids[kind]))
    if kind == "cursor":
        name = theirs.values["name"]
        return theirs.cursor(theirs.record, name), theirs.cursor(twin_id(theirs.record), twin(name))
    value = (
        theirs.values.get(kind)
        or {
            "code": theirs.code,
            "department": theirs.department,
            "key": theirs.key,
            "person": theirs.member.email,
            "account": theirs.account,
            "slug": theirs.world.tenant.slug,
            "stream": f"https://{INSIDE}/{theirs.mark}",
            "token": f"script {theirs.mark}",
        }[kind]
    )
    if kind == "code":
        return value, value[:2] + value[2:].translate(_MOVED)
    return value, _random_as(value) if twin(value) == value else twin(value)


def _random_as(value: str) -> str:
    """A twin of what has hexadecimal digits at its end, or before its domain."""
    head, at, domain = value.partition("@")
    return head[:-8] + head[-8:].translate(_MOVED) + at + domain


def dressed(value: str, dress: dict[str, Any]) -> str:
    """The value as Hypothesis would have it: what is done depends on the dress alone."""
    text = value[: len(value) - dress["cut"]]
    text = {"as it is": text, "capitals": text.upper(), "title": text.title()}[dress["case"]]
    return dress["before"] + text + dress["behind"]


ROUND = st.text(st.sampled_from(" *%_-.é1A"), max_size=2)
DRESSES = st.one_of(
    st.just({"cut": 0, "case": "as it is", "before": "", "behind": ""}),
    st.fixed_dictionaries(
        {
            "cut": st.integers(0, 3),
            "case": st.sampled_from(["as it is", "capitals", "title"]),
            "before": ROUND,
            "behind": ROUND,
        }
    ),
)


@dataclass
class Answer:
    """What somebody is told, and what the database was asked for it, both without the value that was sent."""

    status: int
    said: str
    asked: list[str]


def answer_to(person: Person, ours: Other, ask: Callable[[str], Asked], value: str) -> Answer:
    method, path, body = ask(value)
    path = path.replace("{slug}", person.tenant.slug).replace("{record}", str(ours.record))
    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = person.ask(method, path, body)
    return Answer(answer.status_code, without(answer.said, value), [shape(each["sql"]) for each in captured])


_OWN = re.compile(r"whsec_[\w+/=]+|\b[0-9a-f]{64}\b")
"""A key that was just drawn, and the digest of the file that was sent."""


def without(text: str, value: str) -> str:
    """A text without a value in any of the forms that answers have it in, whole or as long as they show it."""
    forms = {value, value.strip(), " ".join(value.split())}
    forms |= {f"…{value[-6:]}", f"…{value.strip()[-6:]}"}  # how an id is shown that has no name
    forms |= {each.lower() for each in forms} | {each[:40] for each in forms} | {each[:60] for each in forms}
    forms |= {change(each) for each in set(forms) for change in (escape, quote, quote_plus, _in_json, _slugged)}
    forms |= {each.capitalize() for each in set(forms)}
    for form in sorted((each for each in forms if len(each) > 3), key=len, reverse=True):
        text = text.replace(form, "…")
    return _OWN.sub("", bare(text))


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


_SKELETON = re.compile(
    r'"[a-z_]+"|\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|EXISTS|LIMIT|ORDER BY|RETURNING|SAVEPOINT|ROLLBACK)\b'
)


def shape(statement: str) -> str:
    """What a statement asks, in which order, without the values that it asks for."""
    return " ".join(_SKELETON.findall(statement))


def told_apart(found: Answer, nothing: Answer) -> list[str]:
    """By what two answers could be told apart, shortly."""
    wrong = [f"{found.status} and {nothing.status}"] if found.status != nothing.status else []
    said = next((at for at, (a, b) in enumerate(zip(found.said, nothing.said, strict=False)) if a != b), None)
    if found.said != nothing.said:
        around = slice(max(0, (said or 0) - 60), (said or 0) + 60)
        wrong.append(f"{found.said[around]!r} and {nothing.said[around]!r}")
    if len(found.asked) != len(nothing.asked):
        wrong.append(f"{len(found.asked)} statements and {len(nothing.asked)}")
    pairs = zip(found.asked, nothing.asked, strict=False)
    return wrong + [f"{a} and {b}" for a, b in pairs if a != b][:1]


@pytest.mark.parametrize(("kind", "way"), CHOICES, ids=lambda each: each)
@given(dress=DRESSES)
@settings(max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # a request is too slow to shrink with
def test_anothers_value_is_as_absent_as_nobodys(sides, kind, way, dress):
    person, ours, theirs = sides
    has, nobodys = (dressed(value, dress) for value in pair(kind, theirs))
    for _ in range(2):  # What a request does now and then, such as writing counts down, isn't for a value's sake.
        found, nothing = (answer_to(person, ours, WAYS[kind][way], value) for value in (has, nobodys))
        if not (apart := told_apart(found, nothing)):
            break
    assert apart == []
    assert found.status < 500


def test_the_ways_reach_what_they_ask_for(sides):
    """Sent in the workspace that has it, a value is found, and told apart from its twin: the ways do look."""
    _, _, theirs = sides
    inside, alike = Person(theirs.world, Role.OWNER), []
    for kind in (*UNIQUE, "code", "record", "department", "key", "person", "import"):
        for way, ask in WAYS[kind].items():
            if way == "edited" or (kind in SEALED and way in ("filtered otherwise", "begun")):
                continue  # the record has that value; a sealed field is asked for equality alone
            has, nobodys = pair(kind, theirs)
            found, nothing = (answer_to(inside, theirs, ask, value) for value in (has, nobodys))
            if not told_apart(found, nothing):
                alike.append(f"{kind}: {way}")
    assert alike == [], "; ".join(alike)


def test_a_difference_in_work_alone_is_seen(sides, monkeypatch):
    """As if a list asked once more for a value that exists somewhere."""
    from safehold.workspace.records.selectors import lists

    person, ours, theirs = sides
    real, marked = lists.conditions, theirs.values["name"]

    def curious(scope: Any, shape: Any, query: Any) -> Any:
        if any(asked.value == marked for asked in query.filters):
            with connection.cursor() as cursor:
                cursor.execute("select 1")
        return real(scope, shape, query)

    monkeypatch.setattr(lists, "conditions", curious)
    has, nobodys = pair("name", theirs)
    found, nothing = (answer_to(person, ours, WAYS["name"]["filtered"], value) for value in (has, nobodys))
    assert found.said == nothing.said
    assert found.asked != nothing.asked


def test_twins_are_of_the_same_shape():
    for value in ("name0ghijklmn", "who0vutwrqpo@example.com", "Depot 0gggggggg"):
        assert twin(value) != value
        assert re.sub(r"[g-w]{8}", "", twin(value)) == re.sub(r"[g-w]{8}", "", value)
    assert _random_as("owner-0123abcdef@example.com") == "owner-0178defabc@example.com"
