"""From a file's bytes to its text, and where its cells are divided."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from safehold.kernel.errors import Problem
from safehold.workspace.records.conf import MAX_FILE
from safehold.workspace.records.errors import ImportRefused

__all__ = ["DELIMITERS", "column_name", "decoded", "find_delimiter", "shown"]

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

# A cell may be far longer than a value, so that we can say where it is instead of giving up on the file.
csv.field_size_limit(MAX_FILE)

_ESCAPED = re.compile("[\udc80-\udcff]")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def shown(text: str) -> str:
    """A cell as a message quotes it: short, on one line, with nothing that a terminal would obey."""
    flat = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:41])
    return f"“{flat[:40]}…”" if len(text) > 40 else f"“{flat}”"


def column_name(header: tuple[str, ...] | list[str], index: int) -> str:
    """What messages call a column: its name, or its number where it has none."""
    return header[index] if index < len(header) and header[index] else str(index + 1)


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """The text of a file; a byte order mark is left out. `ImportRefused` names the cell that can't be read."""
    if len(data) > MAX_FILE:
        problem = Problem("file", f"at most {MAX_FILE // 2**20} MB", f"{len(data) / 2**20:.1f} MB")
        raise ImportRefused("The file is too large.", problems=(problem,), hint="Split it into several files.")
    if data.startswith(_UTF16):
        problem = Problem("file", "text in UTF-8", "text in UTF-16")
        raise ImportRefused("The file has the wrong encoding.", problems=(problem,), hint="Save it as “CSV UTF-8”.")
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except LookupError:
        problem = Problem("encoding", "utf-8, cp1252, iso-8859-1 or another that Python knows", encoding[:40])
        raise ImportRefused("That encoding is unknown.", problems=(problem,)) from None
    except UnicodeDecodeError:
        raise ImportRefused(
            "The file has the wrong encoding.",
            problems=(_where_undecodable(data),),
            hint="Save it as “CSV UTF-8”, or name its encoding: older Windows programs write cp1252.",
        ) from None


def _where_undecodable(data: bytes) -> Problem:
    """The first cell that isn't UTF-8."""
    text = data.decode("utf-8-sig", errors="surrogateescape")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text))
    header: list[str] = []
    for number, row in enumerate(rows, 1):
        header = header or [_ESCAPED.sub("\N{REPLACEMENT CHARACTER}", name) for name in row]
        for index, cell in enumerate(row):
            if escaped := _ESCAPED.search(cell):
                byte = ord(escaped[0]) - 0xDC00
                found = f"the byte 0x{byte:02X} in {shown(_ESCAPED.sub(chr(0xFFFD), cell))}"
                return Problem(f"row {number}, column {column_name(header, index)}", "text in UTF-8", found)
    return Problem("file", "text in UTF-8")


def find_delimiter(text: str) -> str:
    """What divides the cells: the candidate that the header has most of, outside quotes. A comma where it has none."""
    header = _QUOTED.sub("", text[:65_536].lstrip("\r\n"))
    line = re.split(r"[\r\n]", header, maxsplit=1)[0]
    return max(DELIMITERS, key=line.count)
