"""Whether an id is another tenant's or nobody's makes no difference to any answer: status, headers and body."""

# ruff: noqa: S608  (names of tables come from the catalogue)

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from factories import make_member, make_tenant, system
from safehold.foundation.scope import probes
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.transaction import scoped
from support.callers import Caller
from support.visitors import Visitor

pytestmark = pytest.mark.usefixtures("installation")

GIVEN = {"slug": "", "collection": "people", "number": "1", "key": "name"}
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def routes() -> Iterator[str]:
    """Every address with an id in it, as a pattern."""
    from django.urls import get_resolver
    from django.urls.resolvers import RoutePattern

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for each in patterns:
            if isinstance(each.pattern, RoutePattern):
                whole = before + str(each.pattern)
                yield from walk(each.url_patterns, whole) if hasattr(each, "url_patterns") else [whole]

    yield from sorted({route for route in walk(get_resolver().url_patterns, "/") if "<uuid:" in route})


@pytest.fixture(scope="module")
def world(installation):
    """Somebody with every right in a tenant, by page and by token, and ids of everything that another tenant has."""
    from safehold.foundation.tenancy import selectors as tenancy
    from safehold.workspace.records import flows
    from safehold.workspace.records.shape import FieldSpec

    tenant, other = make_tenant(), make_tenant()
    with scoped(system(tenant)) as scope:
        flows.create_collection(scope=scope, key="people", fields=(FieldSpec("name", required=True),))
    make_member(other)
    ids: set[UUID] = {other.id}
    with scoped(probes.canary(UUID(int=1))):
        canary, _ = tenancy.canaries()
    for tenant_id in (other.id, canary):
        with probes.undone(system(tenant_id)):
            from django.db import connection

            for table in probes.tenant_tables():
                if table.reads:
                    with connection.cursor() as cursor:
                        cursor.execute(
                            f"select to_jsonb(t)->>'id' from {table.name} t where tenant_id = %s limit 1", [tenant_id]
                        )
                        ids |= {UUID(row[0]) for row in cursor.fetchall() if row[0] and len(row[0]) == 36}
    return Visitor(tenant, "owner"), Caller(tenant, "manager"), sorted(ids)


def answer(world: Any, method: str, route: str, value: UUID) -> tuple[Any, ...]:
    visitor, caller, _ = world
    path = PLACE.sub(
        lambda m: str(value) if m[1] == "uuid" else visitor.tenant.slug if m[2] == "slug" else GIVEN.get(m[2], "x"),
        route,
    )
    if path.startswith("/api/v1/"):
        got = caller.call(method, path.removeprefix("/api/v1/"), {} if method in {"PATCH", "PUT", "POST"} else None)
    else:
        got = visitor.client.generic(method, path, secure=True)
    text = b"".join(got) if got.streaming else got.content
    body = text.decode(errors="replace").replace(str(value), "ID").replace(value.hex, "ID")
    body = re.sub(r'(csrfmiddlewaretoken" value|csrf-token" content|"instance"|nonce)(=|: )"[^"]*"', "", body)
    return got.status_code, sorted(set(got.headers) - {"Set-Cookie"}), got.headers.get("Location"), body


def test_there_are_routes():
    assert len(list(routes())) >= 8


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_nothing_tells_theirs_from_nobodys(world, method):
    for route in routes():
        if method in {"PATCH", "DELETE"} and not route.startswith("/api/"):
            continue
        nobodys = answer(world, method, route, new_id())
        assert nobodys[0] in {302, 303, 400, 403, 404, 405, 415, 422}, (route, nobodys)
        for value in world[2]:
            assert answer(world, method, route, value) == nobodys, (route, value)


def test_another_tenants_door_looks_like_no_door(world):
    visitor, _, _ = world
    other = make_tenant()

    def door(slug: str) -> tuple[int, str]:
        got = visitor.client.get(f"/t/{slug}/", secure=True)
        return got.status_code, got.content.decode().replace(slug, "SLUG")

    assert door(other.slug) == door(f"t{new_id().hex[-16:]}")
    assert door(other.slug)[0] == 404
