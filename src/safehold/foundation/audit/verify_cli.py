"""`safehold verify`: check an export or a proof with nothing but the file and a public key. No Django, no database."""

from __future__ import annotations

import sys

import click

from safehold.kernel.verifier import main

__all__ = ["COMMANDS", "verify"]

_KEY = "The installation's public key (name+id+base64), or a file that holds it; again for each older key."


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--key", "keys", multiple=True, help=_KEY)
@click.option("--held", type=click.Path(exists=True, dir_okay=False), help="A checkpoint of this log that you kept.")
def verify(file: str, keys: tuple[str, ...], held: str | None) -> None:
    """Check an audit export (.safehold-audit) or the proof of one event (.tlog-proof), offline.

    Take the key from a place you trust that did not come with the file. Without --key the key of the installation under
    SAFEHOLD_HOME is used, if there is one.
    """
    arguments = [file]
    for key in keys or _own_key():
        arguments += ["--key", key]
    if held:
        arguments += ["--held", held]
    if status := main(arguments, click.echo):
        sys.exit(status)


def _own_key() -> tuple[str]:
    """The published key of the installation at hand, where the operator verifies on the spot."""
    import os  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    path = Path(os.environ.get("SAFEHOLD_HOME", ".safehold")) / "anchors" / "checkpoint.pub"
    if not path.is_file():
        raise click.UsageError("Which key? Give the installation's public key with --key.")
    return (str(path),)


COMMANDS = [verify]
