"""What a superuser can do to a log, and how to undo it: the promise is that it shows, not that it can't be done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from safehold.foundation.audit import anchors
from safehold.foundation.audit.growth import Batch, Log
from safehold.kernel.installation import Installation
from support.sealers import sealing

Connection = psycopg.Connection[Any]

TABLES = {
    "audit_event": "tenant_id, id, at, xid, type, actor, target, body, personal, class",
    "audit_leaf": "*",
    "audit_node": "*",
    "audit_checkpoint": "*",
    "audit_log": "*",
}
GUARDED = [table for table in TABLES if table != "audit_log"]


_UNSEALED = """
select count(*) from audit_event e
where not exists (select from audit_leaf l where l.tenant_id = e.tenant_id and l.event_id = e.id)
"""


@contextmanager
def unguarded(superuser: Connection) -> Iterator[None]:
    """The triggers asleep, as only the owner of the tables or a superuser can put them, and only for a replica."""
    (role,) = superuser.execute("show session_replication_role").fetchone()
    superuser.execute("set session_replication_role = replica")
    for table in parts(superuser):
        superuser.execute(f"alter table {table} disable trigger all")
    try:
        yield
    finally:
        for table in parts(superuser):
            superuser.execute(f"alter table {table} enable always trigger refuse_change_of_row")
            superuser.execute(f"alter table {table} enable always trigger refuse_change")
        superuser.execute(f"set session_replication_role = {role}")


def parts(superuser: Connection) -> list[str]:
    """The guarded tables and all that they consist of: a trigger for statements stands on each part by itself."""
    rows = superuser.execute(
        "select relid::regclass::text from unnest(%s::regclass[]) t cross join pg_partition_tree(t)"
        " union select unnest(%s::text[])",
        [GUARDED, GUARDED],
    ).fetchall()
    return [name for (name,) in rows]


@contextmanager
def undone(superuser: Connection, installation: Installation, *logs: UUID) -> Iterator[None]:
    """Whatever happens to these logs inside is undone afterwards, anchors included.

    All is sealed before: the sealer goes by what it has passed, and would leave out what it sealed inside.
    """
    if superuser.execute(_UNSEALED).fetchone() != (0,):
        with sealing(installation):
            pass  # it seals what there is before it is handed out
    saved = installation.home / "anchors.saved"
    shutil.copytree(installation.anchors, saved)
    wanted = list(logs)
    for table, columns in TABLES.items():
        superuser.execute(
            f"create temporary table saved_{table} as select {columns} from {table} where tenant_id = any(%s)",  # noqa: S608
            [wanted],
        )
    try:
        yield
    finally:
        with unguarded(superuser):
            for table, columns in TABLES.items():
                superuser.execute(f"delete from {table} where tenant_id = any(%s)", [wanted])  # noqa: S608
                into = "" if columns == "*" else f"({columns})"
                superuser.execute(f"insert into {table} {into} select * from saved_{table}")  # noqa: S608
                superuser.execute(f"drop table saved_{table}")
        shutil.rmtree(installation.anchors)
        saved.rename(installation.anchors)


def edit(superuser: Connection, log: UUID, index: int) -> None:
    """Change what an event says."""
    change(
        superuser,
        log,
        index,
        "body = convert_to(replace(convert_from(body, 'UTF8'), '\"at\":1', '\"at\":2'), 'UTF8')",
    )


def change(superuser: Connection, log: UUID, index: int, setting: str) -> None:
    with unguarded(superuser):
        superuser.execute(
            f"update audit_event e set {setting} from audit_leaf l"  # noqa: S608
            " where l.tenant_id = %s and l.index = %s and e.tenant_id = l.tenant_id and e.id = l.event_id",
            [log, index],
        )


def delete_event(superuser: Connection, log: UUID, index: int) -> None:
    with unguarded(superuser):
        superuser.execute(
            "delete from audit_event e using audit_leaf l where l.tenant_id = %s and l.index = %s"
            " and e.tenant_id = l.tenant_id and e.id = l.event_id",
            [log, index],
        )


def cut(superuser: Connection, log: UUID, less: int) -> None:
    """Remove the tail and make every stored hash fit: the work of somebody who knows how it is built."""
    (size,) = superuser.execute("select size from audit_log where tenant_id = %s", [log]).fetchone()
    rebuild(superuser, log, keep=size - less)


def swap(superuser: Connection, log: UUID, first: int, second: int) -> None:
    """Exchange two events' places, nothing else."""
    with unguarded(superuser):
        ids = dict(
            superuser.execute(
                "select index, event_id from audit_leaf where tenant_id = %s and index in (%s, %s)",
                [log, first, second],
            ).fetchall()
        )
        move = "update audit_leaf set event_id = %s where tenant_id = %s and index = %s"
        superuser.execute(move, [UUID(int=9), log, first])
        superuser.execute(move, [ids[first], log, second])
        superuser.execute(move, [ids[second], log, first])


def remove_log(superuser: Connection, log: UUID) -> None:
    """As if it had never been there."""
    with unguarded(superuser):
        for table in TABLES:
            superuser.execute(f"delete from {table} where tenant_id = %s", [log])  # noqa: S608


def rebuild(superuser: Connection, log: UUID, keep: int | None = None, without: int | None = None) -> None:
    """Compute leaves, chain, tree and head anew from the events as they are now, as far as one can without the key.

    `keep` cuts the tail first; `without` leaves out one event.
    """
    with unguarded(superuser):
        (origin,) = superuser.execute("select origin from audit_log where tenant_id = %s", [log]).fetchone()
        rows = superuser.execute(
            "select e.id, e.digest, l.index from audit_leaf l join audit_event e"
            " on e.tenant_id = l.tenant_id and e.id = l.event_id where l.tenant_id = %s order by l.index",
            [log],
        ).fetchall()
        chosen = [row for row in rows if (keep is None or row[2] < keep) and row[2] != without]
        gone = [row[0] for row in rows if row not in chosen]
        superuser.execute("delete from audit_event where tenant_id = %s and id = any(%s)", [log, gone])
        for table in ("audit_leaf", "audit_node"):
            superuser.execute(f"delete from {table} where tenant_id = %s", [log])  # noqa: S608
        made, batch = Log.new(log, origin), Batch()
        batch.add(made, [(row[0], row[1]) for row in chosen])
        with superuser.cursor() as cursor:
            cursor.executemany("insert into audit_leaf values (%s, %s, %s, %s, %s)", batch.leaves)
            if batch.nodes:
                cursor.executemany("insert into audit_node values (%s, %s, %s, %s)", batch.nodes)
        _, _, size, chain, frontier, root = batch.heads[0]
        superuser.execute(
            "update audit_log set size = %s, chain = %s, frontier = %s, root = %s where tenant_id = %s",
            [size, chain, frontier, root, log],
        )


def forget_notes(superuser: Connection, installation: Installation, log: UUID, *, anchor: bool) -> None:
    """Remove signed heads, in the database and if asked for outside of it."""
    with unguarded(superuser):
        superuser.execute("delete from audit_checkpoint where tenant_id = %s", [log])
        superuser.execute(
            "update audit_log set note = null, checked_size = 0, told_size = 0 where tenant_id = %s", [log]
        )
    if anchor:
        anchors._path(installation.anchors, log).unlink()
