"""`safehold bench import` and `safehold bench records`: importing against plain COPY, and lists of many records."""

from __future__ import annotations

import csv
import io
import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import psycopg
from django.conf import settings

from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.migrations_support import sql_text
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.installation import Installation
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.filters import parse
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.models import Collection, Field, Record, Reference, Unique, Word

__all__ = ["BENCHES", "made_up", "run", "run_lists"]

_ROWS = 20_000
_MANY = 100_000
_ROUNDS = 3
_ROOM = "safehold.workspace.records"
_HEADER = "customerID,name,contact,email,phone,address,city,country,since,visited,orders,balance,remark"
_FIRST = "Ada,Bram,Cleo,Dario,Edda,Femke,Goran,Hanne,Ivo,Jora,Kasper,Lene,Milo,Noor,Oda,Piet,Rana,Sef,Tove,Yara"
_LAST = "Aalto,Brandt,Castell,Dorn,Ekwall,Ferro,Grau,Holm,Iversen,Jansma,Kjær,Lund,Moreau,Novák,Ørsted,Pohl"
_TRADES = "Bakery,Joinery,Printing,Garden,Books,Bicycles,Pottery,Optics,Sails,Instruments"
_CITIES = (("Aarhus", "Denmark"), ("Ghent", "Belgium"), ("Leeds", "UK"), ("Malmö", "Sweden"), ("Graz", "Austria"))
_REMARKS = ("pays on time", "asks for samples first", "", "call before delivery", "NULL")

Bench = list[dict[str, object]]


def made_up(count: int) -> bytes:
    """A CSV of made-up customers, the same each time: codes, names, sealed contact data, dates, numbers, remarks."""
    dice = random.Random(11)  # noqa: S311 - made-up rows, no secret
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(_HEADER.split(","))
    out.writerows(_customer(dice, number) for number in range(1, count + 1))
    return text.getvalue().encode()


def _customer(dice: random.Random, number: int) -> list[object]:
    first, last, trade = (dice.choice(names.split(",")) for names in (_FIRST, _LAST, _TRADES))
    since = date(1990, 1, 1) + timedelta(days=dice.randint(0, 13_000))
    return [
        f"C{number:07}",
        f"{last} {trade} {dice.randint(1, 400)}",
        f"{first} {last}",
        f"{first.lower()}.{number}@shop.example",
        "+45 " + " ".join(str(dice.randint(10, 99)) for _ in range(4)),
        f"{trade} Street {dice.randint(1, 200)}, floor {dice.randint(1, 5)}",
        *dice.choice(_CITIES),
        since.isoformat(),
        f"{since + timedelta(days=dice.randint(0, 400))} 00:00:00.000",
        dice.randint(0, 500),
        f"{dice.randint(-5000, 90000)}.{dice.randint(0, 99):02}",
        dice.choice(_REMARKS),
    ]


def run() -> Bench:
    """Seconds for one file: our import, with sealing, indexing and audit, against COPY into a plain table."""
    data = made_up(_ROWS)
    times = [(_import_seconds(data), _copy_seconds(data)) for _ in range(_ROUNDS)]
    ours, baseline = (min(column) for column in zip(*times, strict=True))
    what = f"importing {_ROWS:,} rows of {len(_HEADER.split(','))} columns, 3 of them sealed, against COPY"
    return [{"what": what, "ours": ours, "baseline": baseline, "ratio": ours / baseline, "unit": "s"}]


def run_lists() -> Bench:
    """Milliseconds at the median for lists of a collection of 100,000 records; the baseline is the aim."""
    asked = {
        "first page": ([], 150),
        "first page, sorted": ([("sort", "-balance")], 150),
        "filtered by an indexed field": ([("country", "Belgium"), ("sort", "name")], 150),
        "search for a rare word": ([("q", "C0054321")], 100),
        "search for a common word": ([("q", "bakery")], 100),
        "search for two words": ([("q", "novak bakery")], 100),
        "search for a sealed value": ([("q", "ada.4711@shop.example")], 100),
    }
    with _collection(made_up(_MANY)) as (scope, key):
        measured = [(what, _median(scope, key, pairs), aim) for what, (pairs, aim) in asked.items()]
    return [
        {"what": f"{_MANY:,} records: {what}", "ours": ours, "baseline": float(aim), "ratio": ours / aim, "unit": "ms"}
        for what, ours, aim in measured
    ]


def _median(scope: Scope, key: str, pairs: list[tuple[str, str]]) -> float:
    def once() -> float:
        started = perf_counter()
        with scoped(scope):
            selectors.records(scope, key, parse(pairs))
        return (perf_counter() - started) * 1000

    return statistics.median(once() for _ in range(9))


def _import_seconds(data: bytes) -> float:
    seconds = 0.0

    def note(taken: float) -> None:
        nonlocal seconds
        seconds = taken

    with _collection(data, note):
        return seconds


@contextmanager
def _collection(data: bytes, note: Callable[[float], None] | None = None) -> Iterator[tuple[Scope, str]]:
    """A collection in a canary tenant with the file's rows, removed afterwards. `note` hears how long it took."""
    left, _ = tenancy.canaries()
    scope, key = tenancy.system_scope(left, "bench"), f"bench-{new_id().hex[-12:]}"
    with scoped(scope):
        fields = flows.guessed_fields(scope=scope, data=data)
        made = flows.create_collection(scope=scope, key=key, fields=fields)
    try:
        started = perf_counter()
        with scoped(scope):
            flows.import_rows(scope=scope, collection=key, data=data, options=ImportOptions())
        if note:
            note(perf_counter() - started)
        yield scope, key
    finally:
        with scoped(scope):
            ids = [each.id for each in made.fields]
            for index in (Unique, Reference):
                index.objects.filter(tenant_id=left, field_id__in=ids).delete()  # rows: the bench removes its own
            for table in (Word, Record, Field):
                table.objects.filter(tenant_id=left, collection_id=made.id).delete()  # rows: the bench removes its own
            Collection.objects.filter(tenant_id=left, id=made.id).delete()  # rows: the bench removes its own


def _copy_seconds(data: bytes) -> float:
    """COPY of the same rows into a table of the same columns with a primary key, as a script would do it."""
    installation: Installation = settings.SAFEHOLD
    login = installation.login("owner")
    options: dict[str, Any] = dict(login.options)
    with psycopg.connect(
        host=login.host,
        port=login.port,
        dbname=login.name,
        user=login.user,
        password=login.password,
        autocommit=True,
        **options,
    ) as connection:
        connection.execute(sql_text(_ROOM, "statements/bench_drop.sql"))
        connection.execute(sql_text(_ROOM, "statements/bench_table.sql"))
        try:
            started = perf_counter()
            with (
                connection.transaction(),
                connection.cursor() as cursor,
                cursor.copy(sql_text(_ROOM, "statements/bench_copy.sql")) as copy,
            ):
                copy.write(data)
            return perf_counter() - started
        finally:
            connection.execute(sql_text(_ROOM, "statements/bench_drop.sql"))


BENCHES = {"import": run, "records": run_lists}
