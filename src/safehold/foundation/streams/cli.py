"""`safehold stream`: streams of the platform's own log, or of a workspace's, for whoever operates the installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO
from uuid import UUID

import click

from safehold.foundation.audit.naming import scope_named
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.streams import flows, selectors
from safehold.foundation.streams.models import Stream

__all__ = ["COMMANDS"]

_LOG = click.option("--of", "name", default="platform", show_default=True, help="A workspace's slug, or platform.")


@click.group()
def stream() -> None:
    """Send a sealed log on to monitoring of your own: webhooks, or syslog over TLS."""


@stream.command()
@click.argument("address")
@_LOG
@click.option("--name", "called", default="Monitoring", show_default=True, help="What people call it.")
@click.option(
    "--authorization",
    type=click.File(),
    help="A file (- for standard input) with the header Authorization that a webhook's receiver asks for.",
)
@click.option("--personal", is_flag=True, help="Send personal values along. There they can't be erased from here.")
@click.option("--from-start", is_flag=True, help="Begin with the log's first event.")
def add(
    address: str, name: str, called: str, authorization: TextIO | None, *, personal: bool, from_start: bool
) -> None:
    """Stream to ADDRESS: https://… for a webhook, tls://HOST:PORT for syslog. A webhook's key is printed this once."""
    with scoped(scope_named(name, "cli")) as scope:
        made, key = flows.create_stream(
            scope=scope,
            name=called,
            url=address,
            authorization=authorization.read().strip() if authorization else "",
            personal=personal,
            from_start=from_start,
        )
    click.echo(f"{made.id} streams the log of {name} to {made.host} from place {made.next_index} on.")
    if key:
        click.echo(f"Its signing key, shown this once: {key}")


@stream.command("list")
@_LOG
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def list_streams(name: str, *, as_json: bool) -> None:
    """Show where the log goes, how far each stream is behind, and what troubles it."""
    with scoped(scope_named(name, "cli")) as scope:
        rows = [
            {
                "id": str(each.row.id),
                "name": each.row.name,
                "where": f"{each.row.kind} {each.row.host}",
                "state": each.row.state,
                "sent": each.row.sent,
                "behind": each.behind,
                "trouble": each.row.trouble,
            }
            for each in selectors.streams(scope)
        ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()).rstrip())
    if not rows:
        click.echo("No stream. 'safehold stream add' sets one up.")


def _change(of: str, stream_id: UUID, change: Callable[..., Stream], words: str) -> None:
    with scoped(scope_named(of, "cli")) as scope:
        made = change(scope=scope, stream_id=stream_id)
    click.echo(f"{made.name} ({made.host}) {words}")


@stream.command()
@click.argument("stream_id", type=click.UUID)
@_LOG
def pause(stream_id: UUID, name: str) -> None:
    """Send nothing more for now; it keeps its place."""
    _change(name, stream_id, flows.pause_stream, "is paused.")


@stream.command()
@click.argument("stream_id", type=click.UUID)
@_LOG
def resume(stream_id: UUID, name: str) -> None:
    """Go on from where it was paused, or try again at once."""
    _change(name, stream_id, flows.resume_stream, "goes on.")


@stream.command()
@click.argument("stream_id", type=click.UUID)
@_LOG
def end(stream_id: UUID, name: str) -> None:
    """End it for good, and forget its path and keys."""
    _change(name, stream_id, flows.end_stream, "has ended.")


COMMANDS = [stream]
