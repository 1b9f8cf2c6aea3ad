"""Reads of this room. Each takes the scope, and shows only what it may see: a field of another class isn't there."""

from __future__ import annotations

from safehold.workspace.records.selectors.collections import (
    collection,
    collections,
    counts,
    whole_collection,
    whole_collections,
)
from safehold.workspace.records.selectors.history import Change, history
from safehold.workspace.records.selectors.imports import ImportView, entry_a_row, import_file, import_view, imports
from safehold.workspace.records.selectors.lists import Count, Page, count, records, records_in_chunks
from safehold.workspace.records.selectors.lookups import codes_of, named, referring, suggestions
from safehold.workspace.records.selectors.records import RecordView, find_record, record

__all__ = [
    "Change",
    "Count",
    "ImportView",
    "Page",
    "RecordView",
    "codes_of",
    "collection",
    "collections",
    "count",
    "counts",
    "entry_a_row",
    "find_record",
    "history",
    "import_file",
    "import_view",
    "imports",
    "named",
    "record",
    "records",
    "records_in_chunks",
    "referring",
    "suggestions",
    "whole_collection",
    "whole_collections",
]
