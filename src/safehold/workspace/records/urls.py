"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from safehold.workspace.records.web import design, importing, lists, record

__all__ = ["tenant_urlpatterns"]

_ONE = "collections/<slug:key>/"
_RECORD = f"{_ONE}<uuid:record_id>/"

tenant_urlpatterns = [
    path("collections/", lists.collections, name="collections"),
    path("new-collection/", design.new_collection, name="collection-new"),
    path("new-import/", importing.upload_new, name="import-new"),
    path("imports/<uuid:import_id>/", importing.show, name="import"),
    path("imports/<uuid:import_id>/start/", importing.start, name="import-start"),
    path("imports/<uuid:import_id>/discard/", importing.discard, name="import-discard"),
    path("collections/<slug:key>.csv", lists.export, name="records-export"),
    path(_ONE, lists.records, name="records"),
    path(f"{_ONE}trash/", lists.trash, name="records-trash"),
    path(f"{_ONE}import/", importing.upload, name="import-into"),
    path(f"{_ONE}import/entries/", importing.choose_entries, name="import-entries"),
    path(f"{_ONE}new/", record.create, name="record-new"),
    path(f"{_ONE}fields/", design.fields, name="collection-fields"),
    path(f"{_ONE}fields/new/", design.add_field, name="collection-field-new"),
    path(f"{_ONE}fields/<slug:field>/", design.change_field, name="collection-field"),
    path(f"{_ONE}rename/", design.rename, name="collection-rename"),
    path(f"{_ONE}archive/", design.archive, name="collection-archive"),
    path(_RECORD, record.record, name="record"),
    path(f"{_RECORD}edit/", record.edit, name="record-edit"),
    path(f"{_RECORD}history/", record.history, name="record-history"),
    path(f"{_RECORD}move/", record.move, name="record-move"),
    path(f"{_RECORD}delete/", record.delete, name="record-delete"),
    path(f"{_RECORD}restore/", record.restore, name="record-restore"),
]
