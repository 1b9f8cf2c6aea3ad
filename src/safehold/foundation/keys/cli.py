"""`safehold keys`: how old the keys are, and rotating them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from uuid import UUID

import click
from django.conf import settings

from safehold.foundation.access.matrix import Role
from safehold.foundation.keys import files, flows, selectors
from safehold.foundation.keys.installed import SECRET_ID, bao_place
from safehold.foundation.keys.openbao import BaoClient, segment
from safehold.foundation.keys.selectors import KeyStatus
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Conflict, NotFound, SafeholdError
from safehold.kernel.ids import PLATFORM

__all__ = ["COMMANDS"]


@click.group()
def keys() -> None:
    """The keys that seal what tenants keep: how old they are, and rotating them."""


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(*, as_json: bool) -> None:
    """Show each tenant's key: version, age, data keys and uses; overdue ones stand out."""
    found = {tenant_id: _status_of(tenant_id) for tenant_id in selectors.tenants_with_keys()}
    if as_json:
        document = [{"tenant": _named(tenant_id), "keys": list(map(_plain, rows))} for tenant_id, rows in found.items()]
        click.echo(json.dumps({"environment": settings.SAFEHOLD.environment, "tenants": document}, indent=2))
        return
    click.echo(f"Keys of the environment {settings.SAFEHOLD.environment}, {_count(len(found), 'owner')}.")
    for tenant_id, rows in found.items():
        click.echo(f"  {_named(tenant_id):<36}  {_summary(rows)}")


@keys.command()
@click.option("--tenant", "tenant_id", type=click.UUID, help="Only this tenant's keys, by its id.")
@click.option("--data", "data_too", is_flag=True, help="Make new data keys too: what is written from now on uses them.")
def rotate(tenant_id: UUID | None, *, data_too: bool) -> None:
    """Rotate the key of every tenant and of the platform. Nothing they sealed is touched, and nobody has to wait."""
    owners = selectors.tenants_with_keys()
    if tenant_id is not None:
        if tenant_id not in owners:
            raise NotFound(
                f"No tenant with the id {tenant_id} has a key.", hint="Which there are: `safehold keys status`"
            )
        owners = [tenant_id]
    failed = [owner for owner in owners if not _rotate(owner, data_too=data_too)]
    click.echo(f"Rotated the keys of {_count(len(owners) - len(failed), 'owner')}.")
    if failed:
        raise Conflict(
            f"The keys of {_count(len(failed), 'owner')} weren't rotated: see above.",
            hint="What their keys open they go on opening.",
        )


@keys.command()
@click.option("--wrapped", is_flag=True, help="What is typed is a wrapping token, which holds the SecretID once.")
def openbao(*, wrapped: bool) -> None:
    """Take the SecretID that this installation logs in to OpenBao with. It is asked for, or read from a pipe."""
    installation = settings.SAFEHOLD
    place = bao_place(installation)
    typed = click.prompt("Wrapping token" if wrapped else "SecretID", hide_input=True).strip()
    secret_id = BaoClient(place).unwrap_secret_id(typed) if wrapped else typed
    client = BaoClient(replace(place, secret_id=lambda: secret_id))
    client.ask("GET", f"{segment(installation.openbao_kv)}/data/{segment(installation.environment)}/platform-data-keys")
    files.write(installation.secrets / SECRET_ID, secret_id.encode() + b"\n")
    click.echo(f"OpenBao at {installation.openbao_url} takes it. It is kept in {installation.secrets / SECRET_ID}.")


def _rotate(owner: UUID, *, data_too: bool) -> bool:
    """Rotate one owner's keys and say so; what is wrong with one mustn't keep the others from it."""
    try:
        with scoped(_scope_of(owner)) as scope:
            version = flows.rotate_tenant_key(scope=scope)
            fresh = flows.rotate_data_keys(scope=scope) if data_too else 0
    except SafeholdError as error:
        click.echo(f"{_named(owner)}: {error.message}", err=True)
        return False
    more = f", {_count(fresh, 'new data key')}" if data_too else ""
    click.echo(f"{_named(owner)}: key version {version}{more}")
    return True


def _status_of(tenant_id: UUID) -> list[KeyStatus]:
    with scoped(_scope_of(tenant_id)) as scope:
        return selectors.key_status(scope=scope)


def _scope_of(tenant_id: UUID) -> Scope:
    if tenant_id == PLATFORM:
        return Scope(kind=Kind.PLATFORM, actor="system:cli")
    return Scope(kind=Kind.TENANT, actor="system:cli", tenant_id=tenant_id, role=Role.OWNER)


def _named(tenant_id: UUID) -> str:
    return "platform" if tenant_id == PLATFORM else str(tenant_id)


def _summary(rows: list[KeyStatus]) -> str:
    newest = next(row for row in reversed(rows) if row.purpose == "tenant")
    data_keys = [row for row in rows if row.purpose != "tenant"]
    by_purpose = Counter(row.purpose for row in data_keys if row.is_active)
    parts = [
        f"key version {newest.version}, {_count(newest.days, 'day')} old",
        f"{_count(len(data_keys), 'data key')} ({', '.join(sorted(by_purpose)) or 'none active'})",
        f"about {sum(row.uses or 0 for row in data_keys):,} uses",
    ]
    overdue = sum(row.is_overdue for row in rows)
    return "; ".join(parts) + (f"; OVERDUE: {overdue}" if overdue else "")


def _plain(row: KeyStatus) -> dict[str, object]:
    return {
        "purpose": row.purpose,
        "version": row.version,
        "created_at": row.created_at.isoformat(),
        "days": row.days,
        "active": row.is_active,
        "overdue": row.is_overdue,
        "uses": row.uses,
    }


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


COMMANDS = [keys]
