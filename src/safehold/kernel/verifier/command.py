"""The face of the verifier on a command line: `safehold verify FILE --key KEY`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from safehold.kernel import proof
from safehold.kernel.errors import Invalid, SafeholdError
from safehold.kernel.note import Verifier
from safehold.kernel.verifier.report import moment
from safehold.kernel.verifier.steps import verify

__all__ = ["add_arguments", "main", "run"]

_PROOF = b"c2sp.org/tlog-proof@"
_WRITTEN_OUT = re.compile(r"\s*[^\s+]+\+[0-9a-f]{8}\+\S+\s*")
_LONGEST_KEY = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes; for a parser that is a part of a bigger one."""
    parser.add_argument("file", help="an export (.safehold-audit) or the proof of one event (.tlog-proof)")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        help="the installation's public key (name+id+base64), or a file that holds it; again for each older key",
    )
    parser.add_argument("--held", help="a checkpoint of this log that you kept from before (a file)")


def _complain(line: str) -> None:
    sys.stderr.write(line + "\n")


def main(argv: Sequence[str] | None = None, write: Callable[[str], object] = print) -> int:
    """Check a file; 0 if it proves what it claims, 1 if it was refused, 2 if it or a key can't be read."""
    parser = argparse.ArgumentParser(prog="safehold verify", description="Check an audit export or a proof, offline.")
    add_arguments(parser)
    return run(parser.parse_args(argv), write)


def run(options: argparse.Namespace, write: Callable[[str], object] = print) -> int:
    """As `main`, for options that are parsed already."""
    try:
        keys = [_key(given) for given in options.key]
    except SafeholdError as fault:
        _complain(f"--key: {fault.message}")
        return 2
    try:
        held = Path(options.held).read_text("utf-8") if options.held else None
        for line in _check(Path(options.file), keys, held):
            write(line)
    except (OSError, UnicodeError) as fault:
        _complain(f"Can't be read: {fault}")
        return 2
    except SafeholdError as fault:
        _complain(f"REFUSED. {fault.message}")
        return 1
    return 0


def _key(given: str) -> Verifier:
    """A key as text, or out of a file. What is written like a key is one, whatever files there are."""
    if _WRITTEN_OUT.fullmatch(given):
        return Verifier.parse(given)
    try:
        with Path(given).open("rb") as file:
            return Verifier.parse(file.read(_LONGEST_KEY).decode())
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "that is no text"
        raise Invalid(
            f"Expected a key, written name+id+base64, or a file with one, found {given[:80] or 'nothing'} ({why})."
        ) from None
    except Invalid as fault:
        raise Invalid(f"Expected a key in the file {given[:80]}. {fault.message}") from None


def _check(path: Path, keys: list[Verifier], held: str | None) -> list[str]:
    with path.open("rb") as source:
        if source.read(len(_PROOF)) != _PROOF:
            source.seek(0)
            return list(verify(source, keys, held).lines())
        source.seek(0)
        event, head = proof.verify(source.read(proof.MAX_PROOF), keys)
        where = f"{head.origin}, size {head.size}, signed {moment(head.time)}"
        return [f"Verified: this event is in the log {where}.", event.encode().decode()]
