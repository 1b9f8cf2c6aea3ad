"""`safehold bench`: the figures of the design, each a ratio against a baseline measured in the same run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

import click
from django.apps import apps

from safehold.kernel.errors import Invalid, Problem

__all__ = ["COMMANDS", "benches"]

Bench = Callable[[], list[dict[str, object]]]


def benches() -> dict[str, Bench]:
    """Every room's benches by name, from its `bench.py`."""
    found: dict[str, Bench] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.bench"
        if config.name.startswith("safehold.") and find_spec(name) is not None:
            found.update(import_module(name).BENCHES)
    return dict(sorted(found.items()))


def _number(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}" if value else "–"


def _show(name: str, measures: list[dict[str, object]]) -> None:
    click.echo(f"{name}")
    for row in measures:
        ratio = f"{row['ratio']:.2f} ×" if isinstance(row["ratio"], float | int) else "–"
        figures = f"{_number(row['ours'])} against {_number(row['baseline'])} {row['unit']}"
        click.echo(f"  {row['what']:<58} {ratio:>9}   {figures}")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one document, or a list of them for several names.")
def bench(names: tuple[str, ...], *, as_json: bool) -> None:
    """Measure ratios against a baseline in the same run: isolation, audit, import and others.

    It makes its own rows and removes them. The figures vary with the machine; the ratios less so.
    """
    known: Mapping[str, Bench] = benches()
    if unknown := [name for name in names if name not in known]:
        problems = tuple(Problem("bench", "one of " + ", ".join(known), name) for name in unknown)
        raise Invalid("There is no such bench.", problems=problems)
    results = []
    for name in names or known:
        measures = known[name]()
        results.append({"name": name, "measures": measures})
        if not as_json:
            _show(name, measures)
    if as_json:
        click.echo(json.dumps(results[0] if len(names) == 1 else results, indent=2))


COMMANDS: list[click.Command] = [bench]
