"""Writes of this room. Each runs in the caller's scoped transaction, checks its permission and leaves its event."""

from __future__ import annotations

from safehold.workspace.records.flows.canaries import plant_canaries
from safehold.workspace.records.flows.collections import add_field, change_collection, change_field, create_collection
from safehold.workspace.records.flows.designing import Wishes, design_collection, guessed_fields
from safehold.workspace.records.flows.exports import export_list, export_workspace, note_export
from safehold.workspace.records.flows.imports import (
    Imported,
    Preview,
    Progress,
    change_options,
    check_file,
    choose_entries,
    discard_import,
    fail_import,
    file_digest,
    import_rows,
    keep_file,
    note_progress,
    queue_import,
    run_import,
)
from safehold.workspace.records.flows.records import (
    create_record,
    delete_record,
    edit_record,
    move_record,
    restore_record,
)
from safehold.workspace.records.flows.stopping import stop_imports

__all__ = [
    "Imported",
    "Preview",
    "Progress",
    "Wishes",
    "add_field",
    "change_collection",
    "change_field",
    "change_options",
    "check_file",
    "choose_entries",
    "create_collection",
    "create_record",
    "delete_record",
    "design_collection",
    "discard_import",
    "edit_record",
    "export_list",
    "export_workspace",
    "fail_import",
    "file_digest",
    "guessed_fields",
    "import_rows",
    "keep_file",
    "move_record",
    "note_export",
    "note_progress",
    "plant_canaries",
    "queue_import",
    "restore_record",
    "run_import",
    "stop_imports",
]
