from __future__ import annotations

from pathlib import Path

from safehold.operations.database.place import Place


def test_a_deep_home_gets_a_short_socket_folder_of_its_own() -> None:
    deep = Place(Path("/" + "deep/" * 30))
    deeper = Place(Path("/" + "deep/" * 31))

    assert len(str(deep.sockets / ".s.PGSQL.5432.lock")) <= 100
    assert deep.sockets != deeper.sockets


def test_an_ordinary_home_keeps_its_socket_inside() -> None:
    assert Place(Path("/srv/safehold/postgres")).sockets == Path("/srv/safehold/postgres/run")
