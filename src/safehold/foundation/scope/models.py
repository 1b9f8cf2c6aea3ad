"""No models: this room's tables are written in SQL. Django announces a room's migrations only if it has this module."""

from __future__ import annotations
