"""`safehold import` and `safehold export`, for whoever operates the installation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import click

from safehold.foundation.access.matrix import FieldClass
from safehold.foundation.audit.selectors import Filters, activity
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Conflict, Invalid, NotFound, Problem
from safehold.kernel.wholefile import whole_file
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.events import IMPORT_FINISHED
from safehold.workspace.records.flows import Imported, Wishes
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.sheet import Mended
from safehold.workspace.records.shape import FieldSpec

__all__ = ["COMMANDS"]

_PROCESS = "command-line"
_CLASSES = ", ".join(each.value for each in FieldClass)


@dataclass(frozen=True, slots=True)
class _Order:
    """What an import was asked to do."""

    collection: str
    data: bytes
    options: ImportOptions
    wishes: Wishes
    create: bool | None


def _scope(slug: str) -> Scope:
    """The system's scope in the tenant that `slug` names: an owner's rights, every department."""
    platform = tenancy.platform_scope(_PROCESS)
    with scoped(platform):
        tenant_id = tenancy.tenant_by_slug(platform, slug).id
    return tenancy.system_scope(tenant_id, _PROCESS)


def _pairs(values: Sequence[str], option: str, expected: str) -> dict[str, str]:
    """`NAME=VALUE` options as a dictionary."""
    pairs = [value.rpartition("=") for value in values]
    if wrong := [
        value for value, (name, mark, rest) in zip(values, pairs, strict=True) if not (name and mark and rest)
    ]:
        raise Invalid("An option can't be read.", problems=(Problem(option, expected, wrong[0][:60]),))
    return {name: value for name, _, value in pairs}


def _classes(values: Sequence[str]) -> dict[str, FieldClass]:
    pairs = _pairs(values, "--class", f"COLUMN=CLASS, the class one of {_CLASSES}")
    if wrong := [value for value in pairs.values() if value not in set(FieldClass)]:
        raise Invalid("There is no such class.", problems=(Problem("--class", f"one of {_CLASSES}", wrong[0][:40]),))
    return {name: FieldClass(value) for name, value in pairs.items()}


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _show_fields(collection: str, fields: Sequence[FieldSpec]) -> None:
    """The fields that a new collection would have, before it is made."""
    click.echo(f"{collection} is a new collection. From the file's names and values, its fields are:")
    width = max(len(spec.key) for spec in fields)
    for spec in fields:
        marks = [name for name in ("required", "unique", "indexed") if getattr(spec, name)]
        kind = f"reference to {spec.target}" if spec.target else spec.type.value
        click.echo(f"  {spec.key:<{width}}  {', '.join([kind, spec.field_class.value, *marks])}")


def _create(scope: Scope, order: _Order) -> None:
    """Make the collection from the file, if it isn't there and whoever asks wants it."""
    fields = flows.guessed_fields(scope=scope, data=order.data, options=order.options, wishes=order.wishes)
    _show_fields(order.collection, fields)
    if order.create is None and _is_terminal():
        click.confirm("Make it so? (--class, --unique and --reference change the guess)", default=True, abort=True)
    flows.create_collection(scope=scope, key=order.collection, fields=fields)


def _exists(scope: Scope, key: str) -> bool:
    try:
        selectors.whole_collection(scope, key)
    except NotFound:
        return False
    return True


def _import(scope: Scope, order: _Order) -> Imported:
    """Make the collection if need be and store the rows, in one transaction."""
    with scoped(scope):
        known = _exists(scope, order.collection)
        if not known and order.create is False:
            raise NotFound(f"There is no collection {order.collection}.", hint="--create makes it from the file.")
        if not known:
            _create(scope, order)
        elif order.wishes.classes or order.wishes.unique or order.wishes.references:
            hint = "Leave --class, --unique and --reference out, or change its fields in the workspace."
            raise Conflict(f"There is a collection {order.collection} already, with fields of its own.", hint=hint)
        with _progress("Importing") as progress:
            return flows.import_rows(
                scope=scope, collection=order.collection, data=order.data, options=order.options, progress=progress
            )


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=100, label=label, file=sys.stderr) as bar:
        yield lambda done, total: bar.update(100 * done // max(total, 1) - bar.pos)


def _say_mended(mended: Sequence[Mended]) -> None:
    if mended:
        first = mended[0]
        many = f"{len(mended):,} cells that were" if len(mended) > 1 else "one cell that was"
        click.echo(
            f"Put {many} torn at a comma without quotes together again, such as row {first.row}, column "
            f"{first.column}: {first.text[:60]} (--no-mend refuses such rows)"
        )


@click.command("import")
@click.argument("tenant")
@click.argument("collection")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--create/--no-create", default=None, help="Make the collection from the file, or refuse to.  [default: ask]"
)
@click.option("--class", "classes", multiple=True, metavar="COLUMN=CLASS", help=f"For a new field: {_CLASSES}.")
@click.option("--unique", multiple=True, metavar="COLUMN", help="For a new field: no two records share a value.")
@click.option(
    "--reference", multiple=True, metavar="COLUMN=COLLECTION", help="For a new field: it holds codes of records."
)
@click.option("--column", "columns", multiple=True, metavar="COLUMN=FIELD", help="The field that a column goes to.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Leave a column out.")
@click.option("--without", multiple=True, metavar="FIELD", help="A field that the file has no column for.")
@click.option("--department", type=int, default=0, show_default=True, help="The department that the records belong to.")
@click.option("--encoding", default="utf-8", show_default=True, help="What the file is written in.")
@click.option("--delimiter", default="", help="What divides the cells, if not what the header shows.")
@click.option("--mend/--no-mend", default=True, help="Put cells together that a comma without quotes tore.")
@click.option("--check", "only_check", is_flag=True, help="List what is wrong with the file and store nothing.")
@click.option("--digest", "only_digest", is_flag=True, help="Print what the log says of this file and store nothing.")
def import_command(
    tenant: str, collection: str, file: Path, *, only_check: bool, only_digest: bool, **asked: object
) -> None:
    """Import FILE, a CSV with a header, into a COLLECTION of a TENANT: all of its rows, or none of them.

    A collection that isn't there is made from the file, with types guessed from the values and classes from the names.
    NULL means nothing. Columns go to the fields of their names; a reference holds the code of what it points to.
    """
    order = _ordered(collection, file.read_bytes(), **asked)  # type: ignore[arg-type]  # click made them
    scope, started = _scope(tenant), perf_counter()
    if only_digest:
        _say_digest(scope, order.data)
        return
    if only_check:
        _check(scope, order)
        return
    try:
        imported = _import(scope, order)
    except ImportRefused as refused:
        with scoped(scope):
            flows.fail_import(scope=scope, collection=collection, refused=refused)
        raise
    _say_mended(imported.mended)
    click.echo(f"Imported {imported.count:,} records into {collection} in {perf_counter() - started:.1f} s.")


def _say_digest(scope: Scope, data: bytes) -> None:
    """The digest, and the imports of this very file that the log knows."""
    with scoped(scope):
        digest = flows.file_digest(scope=scope, data=data)
        known = activity(scope=scope, filters=Filters(type=IMPORT_FINISHED.name, text=digest)).events
    click.echo(digest)
    for event in known:
        click.echo(f"  {event.on}, {event.at.isoformat(timespec='seconds')}, by {event.actor}", err=True)
    if not known:
        click.echo("  The log knows no import of this file.", err=True)


@click.command("import-entries")
@click.argument("tenant")
@click.argument("wanted", type=click.Choice(["batch", "row"]))
def entries_command(tenant: str, wanted: str) -> None:
    """Choose what an import leaves in a TENANT's activity log: an entry for each batch, or one for each row too."""
    scope = _scope(tenant)
    with scoped(scope):
        flows.choose_entries(scope=scope, each_row=wanted == "row")
    click.echo(f"From the next import on: an entry for each {wanted}.")


def _ordered(
    collection: str,
    data: bytes,
    *,
    create: bool | None,
    classes: Sequence[str],
    unique: Sequence[str],
    reference: Sequence[str],
    columns: Sequence[str],
    ignore: Sequence[str],
    **reading: object,
) -> _Order:
    """The command's options in the words of the flows."""
    mapping = _pairs(columns, "--column", "COLUMN=FIELD") | dict.fromkeys(ignore, "")
    references = _pairs(reference, "--reference", "COLUMN=COLLECTION")
    return _Order(
        collection=collection,
        data=data,
        options=ImportOptions(columns=mapping, **reading),  # type: ignore[arg-type]  # the options left have its names
        wishes=Wishes(_classes(classes), frozenset(unique), references, frozenset(ignore)),
        create=create,
    )


def _check(scope: Scope, order: _Order) -> None:
    with scoped(scope):
        if not _exists(scope, order.collection):
            fields = flows.guessed_fields(scope=scope, data=order.data, options=order.options, wishes=order.wishes)
            _show_fields(order.collection, fields)
            return
        preview = flows.check_file(scope=scope, collection=order.collection, data=order.data, options=order.options)
    _say_mended(preview.mended)
    if preview.problems:
        raise ImportRefused(f"The file has {preview.problem_count:,} problems.", problems=preview.problems)
    click.echo(f"Nothing is wrong with the {preview.count:,} rows. Nothing was stored.")


@click.command("export")
@click.argument("tenant")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export_command(tenant: str, output: Path | None, *, force: bool) -> None:
    """Export all collections of a TENANT as a zip of CSV files, with a manifest that holds their digests.

    The file holds everything in clear, sealed fields too: only its owner can read it, and you decide where it goes.
    """
    target = output or Path(f"{tenant}-{now():%Y%m%d-%H%M%S}.zip")
    if target.exists() and not force:
        raise Conflict(f"{target} is there already.", hint="Name another file, or replace it with --force.")
    scope = _scope(tenant)
    with (
        whole_file(target) as file,
        scoped(scope),
    ):  # Complete only after the transaction: nothing leaves without its event.
        manifest = flows.export_workspace(scope=scope, target=file, progress=_tell_collection)
    entries: list[dict[str, object]] = manifest["collections"]  # type: ignore[assignment]  # the flow wrote it
    if sys.stderr.isatty():
        click.echo(err=True)
    for entry in entries:
        click.echo(f"  {entry['file']}: {entry['records']:,} records")
    click.echo(f"Wrote {target}.")


def _tell_collection(key: str, count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rExporting {key}: {count:,} records\033[K", nl=False, err=True)


COMMANDS: list[click.Command] = [import_command, entries_command, export_command]
