"""What the database's functions say for each kind of scope."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from psycopg import errors

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import ticket_for
from support import poolers

pytestmark = pytest.mark.usefixtures("installation")

TENANT, ACCOUNT, NIL = UUID(int=7), UUID(int=8), UUID(int=0)
SCOPES = {
    "tenant": Scope(Kind.TENANT, "x", tenant_id=TENANT, account_id=ACCOUNT, role=Role.HR, departments=(0, 12)),
    "system": Scope(Kind.TENANT, "x", tenant_id=TENANT),
    "account": Scope(Kind.ACCOUNT, "x", account_id=ACCOUNT),
    "sign-in": Scope(Kind.SIGN_IN, "x"),
    "sign-in-known": Scope(Kind.SIGN_IN, "x", account_id=ACCOUNT),
    "platform": Scope(Kind.PLATFORM, "x"),
}
REFUSED = object()
EXPECTED = {
    "scope_kind": ["tenant", "tenant", "account", "sign-in", "sign-in", "platform"],
    "scope_tenant": [TENANT, TENANT, REFUSED, REFUSED, REFUSED, REFUSED],
    "scope_tenant_or_null": [TENANT, TENANT, None, None, None, None],
    "scope_account": [ACCOUNT, None, ACCOUNT, None, ACCOUNT, None],
    "scope_account_outside": [None, None, ACCOUNT, None, ACCOUNT, None],
    "scope_role": ["hr", "", "", "", "", ""],
    "scope_departments": [[0, 12], [], [], [], [], []],
    "scope_log": [TENANT, TENANT, REFUSED, REFUSED, REFUSED, NIL],
    "scope_log_write": [TENANT, TENANT, NIL, NIL, NIL, NIL],
    "scope_guest": [None] * 6,
}


@pytest.mark.parametrize("function", EXPECTED)
@pytest.mark.parametrize("kind", SCOPES)
def test_each_function_for_each_kind(raw, function, kind):
    expected = EXPECTED[function][list(SCOPES).index(kind)]
    ticket = ticket_for(SCOPES[kind], backend=poolers.server_process(raw), now=time.time())
    with raw.transaction(force_rollback=True):
        raw.execute("select set_config('safehold.ticket', %s, true)", [ticket])
        if expected is REFUSED:
            with pytest.raises(errors.InsufficientPrivilege, match="this needs the scope of a tenant"):
                raw.execute(f"select safehold.{function}()")
        else:
            assert raw.execute(f"select safehold.{function}()").fetchone() == (expected,)


@pytest.mark.parametrize("function", EXPECTED)
def test_each_function_refuses_without_a_scope(raw, function):
    with pytest.raises(errors.InsufficientPrivilege, match="no scope"):
        raw.execute(f"select safehold.{function}()")


def test_none_is_left_out(superuser):
    rows = superuser.execute(
        "select proname from pg_proc where pronamespace = 'safehold'::regnamespace and proname like 'scope\\_%'"
    )
    assert {row[0] for row in rows} == set(EXPECTED)
