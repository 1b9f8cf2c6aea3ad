"""How the database answers what a call asks it: every statement explained, as the app role, under policies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from safehold.foundation.scope.scope import Scope

__all__ = ["Read", "faults", "reads", "statements_of"]

Node = dict[str, Any]

_INDEXES = """
select i.indexrelid::regclass::text, a.attname from pg_index i
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
"""
_TABLES = "select relname from pg_class where relrowsecurity"
_TINY = "select relname from pg_class where relkind = 'r' and relrowsecurity and pg_relation_size(oid) <= 16 * 8192"


def statements_of(scope: Scope, call: Callable[[Scope], Any]) -> list[str]:
    """What a call asks of the database in a transaction under `scope`. What it hands back lazily is fetched too."""
    from django.db import connection
    from django.db.models import QuerySet
    from django.test.utils import CaptureQueriesContext

    from safehold.foundation.scope.transaction import scoped

    with scoped(scope), CaptureQueriesContext(connection) as captured:
        found = call(scope)
        if isinstance(found, (QuerySet, Iterator)):
            list(found)
    return [query["sql"] for query in captured if re.match(r"\s*(SELECT|WITH)\b", query["sql"], re.IGNORECASE)]


@dataclass(frozen=True, slots=True)
class Read:
    """How the database answered one statement, by its own choice: what is wrong with that, and how much it touched."""

    statement: str
    wrong: tuple[str, ...]
    rows: int
    buffers: int


def reads(scope: Scope, call: Callable[[Scope], Any]) -> list[Read]:
    """Run what a call asks, with the planner's own settings, and tell how each statement was answered."""
    from django.db import connection

    from safehold.foundation.scope.transaction import scoped

    found = []
    statements = statements_of(scope, call)
    with scoped(scope), connection.cursor() as cursor:
        tables, leads = _known(cursor)
        cursor.execute(_TINY)  # A few pages, or none as in the part for a month to come, are rightly read whole.
        judged = tables - {row[0] for row in cursor.fetchall()}
        for statement in statements:
            cursor.execute("explain (analyze, buffers, format json, costs off, timing off) " + statement)
            (told,) = cursor.fetchone()
            plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
            rows = sum(_touched(node) for node in _nodes(plan) if node.get("Relation Name") in tables)
            buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            found.append(Read(statement, tuple(_wrong_in(plan, judged, leads)), rows, buffers))
    return found


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _touched(node: Node) -> int:
    """The rows that a scan met, those that it threw away again among them."""
    return round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


def _known(cursor: Any) -> tuple[set[str], dict[str, str]]:
    """The policed tables, and which column each index leads with."""
    cursor.execute(_TABLES)
    tables = {row[0] for row in cursor.fetchall()}
    cursor.execute(_INDEXES)
    return tables, {name.rpartition(".")[2].strip('"'): column for name, column in cursor.fetchall()}


def faults(scope: Scope, call: Callable[[Scope], Any]) -> tuple[list[str], list[str]]:
    """What a call would read without an index that leads to the scope's own rows; and its statements.

    Tables of a test are small, and a small table is rightly read whole; so reading whole is made dear, and what is then
    still read whole has no index that would do. A condition that is settled before anything is read is fine as it is.
    """
    from django.db import connection

    from safehold.foundation.scope.transaction import scoped

    wrong: list[str] = []
    statements = statements_of(scope, call)
    with scoped(scope), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        tables, leads = _known(cursor)
        for statement in statements:
            cursor.execute("explain (format json, costs off) " + statement)
            (found,) = cursor.fetchone()
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            wrong += [f"{fault}\n  {statement}" for fault in _wrong_in(plan, tables, leads)]
    return wrong, statements


def _wrong_in(node: Node, tables: set[str], leads: dict[str, str]) -> Iterator[str]:
    kind, table, index = node["Node Type"], node.get("Relation Name"), node.get("Index Name")
    if kind == "Seq Scan" and table in tables:
        yield f"{table} is read whole"
    if index in leads and (table in tables or kind == "Bitmap Index Scan"):
        condition = str(node.get("Index Cond", ""))
        if not re.search(rf"\b{leads[index]}\b", condition):
            yield f"{index} is read whole: it leads with {leads[index]}, and the condition is ({condition})"
    for child in node.get("Plans", []):
        yield from _wrong_in(child, tables, leads)
