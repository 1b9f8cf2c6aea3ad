"""Storing an import's batches while the next one is read: the database works on one, this process on the other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self
from uuid import UUID

from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.columns import Batch
from safehold.workspace.records.flows.loading import Loader
from safehold.workspace.records.flows.storing import Clash, prepared
from safehold.workspace.records.statements import Background, run

__all__ = ["Writer"]


class Writer:
    """Takes a loader's batches one after the other; at the end of the block all are stored, or the loader has problems.

    Once there is a problem nothing more is stored: what is left of the file is only looked through, and whoever opened
    the transaction takes it back. `entries` says what each batch was, for its event; `ids` are those of all records,
    where each is to have one.
    """

    def __init__(self, scope: Scope, loader: Loader, *, keep_ids: bool = False) -> None:
        self._scope, self._loader, self._at = scope, loader, now()
        self._keep_ids = keep_ids
        self.ids: list[str] = []
        self._background = Background()
        self._pending: tuple[Future[list[Clash]], Sequence[int]] | None = None
        self.entries: list[dict[str, str | int]] = []
        self.count = 0

    def __enter__(self) -> Self:
        if self._loader.refers_to_itself:
            run("defer_references")
        self._background.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._settle()
        finally:
            self._background.__exit__(kind, error, trace)
        if error is None and self._loader.refers_to_itself and not self._loader.problems.count:
            run("check_references")

    def take(self, batch: Batch, numbers: Sequence[int]) -> None:
        """Store a batch, or look it through if there is a problem already."""
        self.count += len(batch)
        if self._loader.problems.count:
            self._settle()
            self._loader.check_holders(batch, numbers)
            return
        ready = prepared(self._scope, batch, action="imported", at=self._at)
        self._settle()
        self._pending = (self._background.submit(ready.carry_out), numbers)
        first, last = (str(UUID(record_id)) for record_id in (batch.ids[0], batch.ids[-1]))
        if self._keep_ids:
            self.ids += batch.ids
        self.entries.append({"count": len(batch), "first": first, "last": last, "digest": ready.digest})

    def _settle(self) -> None:
        """Wait for the batch before, and note what it could not have."""
        if self._pending is not None:
            future, numbers = self._pending
            self._pending = None
            self._loader.add_clashes(future.result(), numbers)
