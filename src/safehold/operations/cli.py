"""`safehold up`, `down`, `status`, and `run`, which the supervisor uses for its children."""

from __future__ import annotations

import json
import os

import click

from safehold.kernel.commandline import pasteable
from safehold.operations import selectors
from safehold.operations.errors import Running
from safehold.operations.installation import default_home, require_home
from safehold.operations.processes import child
from safehold.operations.processes.records import State
from safehold.operations.sealing import warning

__all__ = ["COMMANDS"]

# A web port's companion for plain HTTP; any other port's is the next one.
_PLAIN = {443: 80, 8443: 8080}


@click.command()
@click.option("--demo", is_flag=True, help="Also make two made-up tenants with people in every role.")
@click.option("--detach", is_flag=True, help="Return once it runs; stop it with safehold down.")
@click.option("--port", type=click.IntRange(1, 65535), help="The HTTPS port (8443 unless the settings say otherwise).")
def up(*, demo: bool, detach: bool, port: int | None) -> None:
    """Start the database, the pages, the worker and the sealer. Safe to repeat."""
    from safehold.operations.processes import manage  # noqa: PLC0415  (status does without, and is quicker)

    home = default_home()
    if (state := manage.running_state(home)) is not None:
        _refuse_other_port(state, port)
        click.echo(f"Safehold already runs at {state.url}")
        if demo:
            click.echo(pasteable("The demo companies and how to sign in: `safehold demo make`"))
        return
    settings = _ports(port)
    if detach:
        state, welcome = manage.start_apart(home, settings, demo=demo)
        _refuse_other_port(state, port)  # Another start may have been quicker.
        for remark in state.notes:
            click.echo(remark)
        _show(state, welcome)
        click.echo(pasteable("Stop it: `safehold down`"))
        return
    click.echo(f"Starting Safehold in {home}")
    manage.run_here(home, settings, click.echo, _show_here, demo=demo)
    click.echo("Stopped.")


@click.command()
def down() -> None:
    """Stop everything that up started."""
    from safehold.operations.processes import manage  # noqa: PLC0415

    home = default_home()
    require_home(home)
    click.echo("Stopped." if manage.bring_down(home) else "Nothing was running.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(*, as_json: bool) -> None:
    """Show what runs, where, the database server's version and age, and an alarm if events wait to be sealed."""
    home = default_home()
    require_home(home)
    found = selectors.status(home)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"Safehold is {found['state']}" + (f" at {found['url']}" if found["url"] else ""))
    rows = found["processes"]
    for row in rows if isinstance(rows, list) else []:
        restarts = f", {row['restarts']} restarts" if row["restarts"] else ""
        click.echo(f"  {row['name']:<11}{row['state']}" + (f" (process {row['pid']}{restarts})" if row["pid"] else ""))
        if row["trouble"]:
            click.echo(f"             {row['trouble']}")
    database = found["database"]
    if isinstance(database, dict) and database:
        click.echo(f"  PostgreSQL {database.get('age', 'outside, at ' + str(database.get('host')))}")
    sealing = found["sealing"]
    if alarm := warning(sealing if isinstance(sealing, dict) else None):
        click.echo(click.style(f"  {alarm}", fg="red"))
    notes = found["notes"]
    for remark in notes if isinstance(notes, list) else []:
        click.echo(f"  {remark}")


@click.command(hidden=True)
@click.argument("name", type=click.Choice(sorted(child.CHILDREN)))
def run(name: str) -> None:
    """Be one of the supervised processes."""
    child.main(name)


def _ports(port: int | None) -> dict[str, object]:
    """The settings that --port stands for: written to a new home, and set for this run over an old one's."""
    if port is None:
        return {}
    plain = _PLAIN.get(port, port + 1 if port < 65535 else 0)
    os.environ["SAFEHOLD_PORT"], os.environ["SAFEHOLD_HTTP_PORT"] = str(port), str(plain)
    return {"port": port, "http_port": plain}


def _refuse_other_port(state: State, port: int | None) -> None:
    """What runs keeps its port: whoever asked for another would look for it in vain."""
    if port is not None and port != state.port:
        message = f"Safehold already runs at {state.url}. It wasn't moved to port {port}."
        raise Running(message, hint=f"Move it: `safehold down` && `safehold up --port {port}`")


def _show(state: State, welcome: str) -> None:
    if welcome:
        click.echo(pasteable(welcome.rstrip()))
    click.echo(f"Safehold runs at {state.url}")


def _show_here(state: State, welcome: str) -> None:
    _show(state, welcome)
    click.echo("Stop it with Ctrl-C.")


COMMANDS: tuple[click.Command, ...] = (up, down, status, run)
