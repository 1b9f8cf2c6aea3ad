"""ENC-3: planted values are looked for in the database's files, in the home, and in every row that probes can read.

No checkpoint is needed first: what a commit has acknowledged lies in the write-ahead log, which is among the files,
until it lies in the tables' own. A control, wrapped keys that are known to lie in the database, has to be found: a
scan that couldn't see them couldn't see anything.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from safehold.foundation.access.matrix import Role
from safehold.foundation.keys import canaries
from safehold.foundation.keys.rawscan import Hit, Needle, Needles, Report, needles_of_texts, scan_files
from safehold.foundation.keys.rowscan import RowReport, scan_rows
from safehold.foundation.keys.storage import storage_of
from safehold.foundation.scope.migrations_support import sql_text
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["data_directory", "nothing_lies_in_clear"]

_CONTROL = "control"
_MOST_SHOWN = 20
_SECONDS = 20
"""For the files: a large database is scanned from its newest files on, as far as that goes."""


def nothing_lies_in_clear(probe: ProbeContext) -> Finding:
    """Look for every planted value everywhere this process can look; say where that was."""
    values = canaries.planted_values()
    if not values:
        return unproven("No value is planted yet, so there was nothing to look for.")
    tenants = (probe.left, probe.right)
    needles = Needles(needles_of_texts(values) + _controls(tenants))
    rows = scan_rows(tenants, needles)
    files, looked_at = _scan_files(settings.SAFEHOLD, needles)
    evidence = _evidence(rows, files, looked_at) | {"planted_values": len(values), "spellings": len(needles.all)}
    if hits := [hit for hit in files.hits + rows.hits if hit.label != _CONTROL]:
        found = [{"value": hit.label, "spelling": hit.form, "place": hit.place} for hit in hits[:_MOST_SHOWN]]
        return broken(f"{len(hits)} times a planted value was found in clear.", found=found, **evidence)
    if not _has_control(rows.hits) or (looked_at == "read" and not _has_control(files.hits)):
        return broken("The scan is blind: what is known to lie in the database wasn't found.", **evidence)
    where = f"{files.files:,} files ({files.size / 1e6:,.0f} MB)" if looked_at == "read" else "the home's files"
    less = f" {files.size_left_out / 1e6:,.0f} MB of older files were left for time." if files.size_left_out else ""
    return kept(
        f"{len(values)} planted values were looked for in {where} and in the rows of {len(rows.tables)} tables: none "
        f"was found in clear.{less}",
        **evidence,
    )


def data_directory(installation: Installation) -> Path | None:
    """The embedded server's files; None where the database is another server's."""
    if installation.database_admin_url is not None:
        return None
    return (installation.home / "postgres").resolve() / "data"


def _scan_files(installation: Installation, needles: Needles) -> tuple[Report, str]:
    data = data_directory(installation)
    folders = [installation.home] if data is None else [data, installation.home]
    if not installation.objects.is_relative_to(installation.home):
        folders.append(installation.objects)
    report = scan_files(folders, needles, first=_control_file(data), seconds=_SECONDS)
    if data is None:
        return report, "on another server, out of reach"
    return report, "not readable by this process" if str(data) in report.unreadable else "read"


def _control_file(data: Path | None) -> Path | None:
    with connection.cursor() as cursor:
        cursor.execute(sql_text("safehold.foundation.keys", "statements/control_file.sql"))
        return data / str(cursor.fetchone()[0]) if data else None


def _controls(tenants: tuple[UUID, ...]) -> list[Needle]:
    """The wrapped keys of the canary tenants: they lie in a table as they are."""
    needles: list[Needle] = []
    for tenant_id in tenants:
        with scoped(Scope(kind=Kind.TENANT, actor="system:prove", tenant_id=tenant_id, role=Role.OWNER)):
            for key in storage_of(tenant_id).all(tenant_id)[:2]:  # one could lie across two pages of the log
                needles.append(Needle(_CONTROL, "bytes", key.wrapped.blob))
                needles.append(Needle(_CONTROL, "hexadecimal", key.wrapped.blob.hex().encode()))
    return needles


def _has_control(hits: list[Hit]) -> bool:
    return any(hit.label == _CONTROL for hit in hits)


def _evidence(rows: RowReport, files: Report, looked_at: str) -> dict[str, object]:
    return {
        "database_files": looked_at,
        "files": files.files,
        "megabytes": round(files.size / 1e6),
        "megabytes_left_out": round(files.size_left_out / 1e6),
        "unreadable": files.unreadable[:_MOST_SHOWN],
        "tables": len(rows.tables),
        "tables_closed_to_probes": sorted(rows.closed),
        "row_megabytes": round(rows.size / 1e6, 1),
    }
