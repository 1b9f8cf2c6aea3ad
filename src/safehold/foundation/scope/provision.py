"""Makes the six database roles and the database, and takes every right away that nobody needs. Safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.kernel.errors import SafeholdError

__all__ = ["ROLES", "CantProvision", "Provisioned", "provision"]

Admin = psycopg.Connection[tuple[Any, ...]]

ROLES = ("owner", "app", "sealer", "backup", "staff", "queue")
"""The database roles by their short names; in the server each begins with `safehold_`."""

# Per role: the longest statement, wait for a lock, and idle time inside a transaction.
_LIMITS: dict[str, tuple[str, str, str]] = {
    "owner": ("15min", "10s", "5min"),
    "app": ("30s", "5s", "2min"),
    "sealer": ("60s", "5s", "60s"),
    "backup": ("0", "10s", "0"),
    "staff": ("10s", "2s", "30s"),
    "queue": ("30s", "5s", "30s"),
}

_ONLY_SUPERUSER = {
    "as_superuser": "keeping the app's statements, and what probes expect to fail, out of the server's log",
    "closed_doors": "closing large objects, other sessions' statements and code blocks to the app role",
}


class CantProvision(SafeholdError):
    """The database server does not let Safehold make what it needs."""

    code = "cant-provision"
    status = 503


@dataclass(slots=True)
class Provisioned:
    """What was done. `left_out` names, for the operator, what only a superuser could have done."""

    database: str
    made_database: bool = False
    left_out: list[str] = field(default_factory=list)


def provision(admin_conninfo: str, *, passwords: Mapping[str, str], database: str) -> Provisioned:
    """Make roles and database through `admin_conninfo`: a superuser, or a role with CREATEROLE and CREATEDB.

    `passwords` holds one for each of `ROLES`. Run again, it sets passwords and limits and takes stray rights back; it
    never drops anything. Raises `CantProvision`, saying what is missing, where the server refuses.
    """
    done = Provisioned(database)
    try:
        with psycopg.connect(admin_conninfo, autocommit=True) as admin:
            superuser = bool(_ask(admin, "is_superuser"))
            if not superuser:
                done.left_out.extend(_ONLY_SUPERUSER.values())
            _make_roles(admin, passwords, superuser=superuser)
            with _acting_for_owner(admin):
                done.made_database = _make_database(admin, database)
                _limit_roles(admin, database)
                with psycopg.connect(admin_conninfo, autocommit=True, dbname=database) as inside:
                    _run(inside, "rights", database=sql.Identifier(database))
                    if superuser:
                        _run(inside, "closed_doors")
    except psycopg.errors.InsufficientPrivilege as error:
        raise CantProvision(
            f"The database server refused: {error.diag.message_primary}.",
            hint="Give the admin role CREATEROLE and CREATEDB, or make the roles and the database yourself.",
        ) from None
    return done


def _part(name: str, values: Mapping[str, sql.Composable]) -> sql.Composed:
    text = sql_parts("safehold.foundation.scope", "provision.sql")[name]
    return sql.SQL(text).format(**values)


def _run(connection: Admin, part: str, /, **values: sql.Composable) -> None:
    connection.execute(_part(part, values))


def _ask(connection: Admin, part: str, /, **values: sql.Composable) -> Any:
    row = connection.execute(_part(part, values)).fetchone()
    return row[0] if row else None


def _make_roles(admin: Admin, passwords: Mapping[str, str], *, superuser: bool) -> None:
    for short in ROLES:
        name = f"safehold_{short}"
        verifier = admin.pgconn.encrypt_password(passwords[short].encode(), name.encode(), b"scram-sha-256").decode()
        role = sql.Identifier(name)
        inherit = sql.SQL("INHERIT" if short == "owner" else "NOINHERIT")
        given = {"role": role, "name": sql.Literal(name), "inherit": inherit, "password": sql.Literal(verifier)}
        _run(admin, "make_role", **given)
        if superuser:
            _run(admin, "as_superuser", role=role)
    if bad := admin.execute(_part("bad_attributes", {})).fetchall():
        names = ", ".join(row[0] for row in bad)
        raise CantProvision(
            f"These roles hold rights they must not have: {names}.",
            hint="As a superuser: ALTER ROLE … NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION.",
        )


@contextmanager
def _acting_for_owner(admin: Admin) -> Iterator[None]:
    """Let an admin that is no superuser act for the owner, for as long as it takes."""
    joins = not _ask(admin, "owns_as_admin")
    if joins:
        _run(admin, "join_owner")
    try:
        yield
    finally:
        if joins:
            _run(admin, "leave_owner")


def _make_database(admin: Admin, database: str) -> bool:
    owner = _ask(admin, "database_owner", name=sql.Literal(database))
    if owner is None:
        _run(admin, "make_database", database=sql.Identifier(database))
    elif owner != "safehold_owner":
        _run(admin, "take_database", database=sql.Identifier(database))
    return owner is None


def _limit_roles(admin: Admin, database: str) -> None:
    for short in ROLES:
        statement, lock, idle = (sql.Literal(limit) for limit in _LIMITS[short])
        role = sql.Identifier(f"safehold_{short}")
        _run(admin, "limits", role=role, database=sql.Identifier(database), statement=statement, lock=lock, idle=idle)
