"""A file for people is whole or isn't there, and what isn't a file stays what it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from safehold.kernel.errors import Conflict
from safehold.kernel.wholefile import whole_file


def test_it_takes_the_place_when_it_is_complete(tmp_path: Path):
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with whole_file(target) as file:
        file.write(b"after")
        assert target.read_bytes() == b"before"
    assert target.read_bytes() == b"after"
    assert target.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_left_of_one_that_fails(tmp_path: Path):
    with pytest.raises(OSError, match="out") as told, whole_file(tmp_path / "out") as file:
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_of_the_name_that_was_given(tmp_path: Path):
    with pytest.raises(FileNotFoundError) as told, whole_file(tmp_path / "none" / "out"):
        pass
    assert told.value.filename == str(tmp_path / "none" / "out")


def test_a_device_or_pipe_is_never_replaced(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Conflict, match="no ordinary file"), whole_file(pipe):
        pass
    assert pipe.is_fifo()
