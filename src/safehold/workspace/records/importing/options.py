"""How somebody wants a file read: what they may choose, as it is kept with an import that waits for its turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from safehold.workspace.records.importing.sheet import Sheet

__all__ = ["DEPARTMENT", "ImportOptions"]

DEPARTMENT = "_department"
"""The name of a column with numbers of departments. No field can be called so."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Choices for one file.

    `columns` says which field a column goes to, where their names differ, or "" to leave it out. `without` names fields
    that stay empty though the file has no column for them. `mend` allows to put torn cells together.
    """

    encoding: str = "utf-8"
    delimiter: str = ""
    mend: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    department: int = 0

    def sheet(self, data: bytes) -> Sheet:
        """A file read so."""
        return Sheet(data, encoding=self.encoding, delimiter=self.delimiter, mend=self.mend)

    def as_json(self) -> dict[str, object]:
        """As it is stored with an import."""
        return asdict(self) | {"columns": dict(self.columns), "without": list(self.without)}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> ImportOptions:
        """Back from what `as_json` gave."""
        known = {**stored, "without": tuple(stored.get("without", ()))}  # type: ignore[arg-type]  # a list of texts
        return cls(**known)  # type: ignore[arg-type]  # as_json wrote it
