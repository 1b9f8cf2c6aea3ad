from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from safehold.operations import files
from safehold.operations.errors import BadSettings, StartProblem
from safehold.operations.installation import create, load
from safehold.operations.settings_file import SETTINGS, example


def test_a_home_is_private_and_has_its_keys(tmp_path: Path) -> None:
    installation = create(tmp_path / "home")

    private = [installation.home, installation.secrets, installation.keys, installation.anchors, installation.archive]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in private} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in installation.secrets.iterdir()} == {0o600}
    assert len(installation.secret("ticket.key")) == 32
    files = list(installation.secrets.iterdir())
    assert len({file.read_bytes() for file in files}) == len(files) >= 9


def test_made_again_nothing_changes(tmp_path: Path) -> None:
    first = create(tmp_path / "home", {"port": 9000})
    before = {file: file.read_bytes() for file in first.secrets.iterdir()}
    (first.secrets / "db-app.password").unlink()

    second = create(tmp_path / "home", {"port": 9001})

    assert second == first
    after = {file: file.read_bytes() for file in first.secrets.iterdir()}
    assert {file for file in before if before[file] != after[file]} == {first.secrets / "db-app.password"}


def test_two_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    won: list[bool] = []
    threads = [threading.Thread(target=lambda n=n: won.append(files.make_once(path, bytes([n])))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert won.count(True) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_every_setting_can_be_read_back(tmp_path: Path) -> None:
    values = {"id": 'a "quoted" \\ name', "port": 1234, "http_port": 0, "open_sign_up": True, "host": "a.example"}
    create(tmp_path / "home")
    (tmp_path / "home" / "settings.toml").write_text(example(values))

    found = load(tmp_path / "home")

    assert (found.id, found.port, found.http_port, found.open_sign_up) == (values["id"], 1234, None, True)
    assert found.url == "https://a.example:1234"
    assert all(f"\n# {setting.comment}\n" in example(values) for setting in SETTINGS)


def test_the_passwords_are_in_no_repr(tmp_path: Path) -> None:
    installation = create(tmp_path / "home")

    assert installation.login("app").password not in repr(installation.login("app"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = ", "can't be read"),
        ('port = "8443"', "port: expected a whole number, found text in quotes"),
        ("port = 99999", "port: expected a port number from 1 to 65535, found 99999"),
        ("prot = 8443", "prot: expected one of"),
        ('host = "two words"', "host: expected a host name"),
        ('password_hash = "md5"', "password_hash: expected argon2 or bcrypt, found 'md5'"),
        ('tls_cert = "/etc/cert.pem"', "tls_cert and tls_key: expected both or neither"),
        ('environment = "Prod!"', "environment: expected a short word"),
        ('database_admin_url = "postgresql://db.example/x"', "without sslmode=verify-full"),
        ('database_admin_url = "postgresql:///x"', "names no host"),
        ('database_admin_url = "not a url"', "can't be read"),
    ],
)
def test_bad_settings_say_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    create(tmp_path / "home")
    (tmp_path / "home" / "settings.toml").write_text(text)

    with pytest.raises(BadSettings) as caught:
        load(tmp_path / "home")
    assert said in " ".join([caught.value.message, *map(str, caught.value.problems)])


def test_settings_that_are_no_text_say_so(tmp_path: Path) -> None:
    create(tmp_path / "home")
    (tmp_path / "home" / "settings.toml").write_bytes(b"name = \xff")

    with pytest.raises(BadSettings, match="isn't UTF-8"):
        load(tmp_path / "home")


def test_no_installation_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="There is no installation"):
        load(tmp_path)


def test_a_home_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(StartProblem, match="isn't a folder"):
        create(tmp_path / "home")


def test_an_outside_server_keeps_its_tls_options(tmp_path: Path) -> None:
    url = "postgresql://admin:secret@db.example:6432/postgres?sslmode=verify-full&sslrootcert=/ca.pem"
    installation = create(tmp_path / "home", {"database_admin_url": url})
    login = installation.login("app")

    assert (login.host, login.port, login.name) == ("db.example", 6432, "safehold_production")
    assert dict(login.options) == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert "secret@" not in repr(installation)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path / "home", {"port": 9000})
    monkeypatch.setenv("SAFEHOLD_PORT", "9443")
    monkeypatch.setenv("SAFEHOLD_HTTP_PORT", "0")

    assert (load(tmp_path / "home").port, load(tmp_path / "home").http_port) == (9443, None)
    monkeypatch.setenv("SAFEHOLD_PORT", "https")
    with pytest.raises(BadSettings, match="should be a port number"):
        load(tmp_path / "home")


def test_a_folder_of_other_things_is_not_made_a_home(tmp_path: Path) -> None:
    (tmp_path / "passwd").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(StartProblem, match="isn't empty: passwd lies there"):
        create(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["passwd"]


def test_an_empty_folder_and_a_home_half_made_are_completed(tmp_path: Path) -> None:
    for name in ("secrets", "keys", ".settings.toml.1f"):
        (tmp_path / name).mkdir()

    assert create(tmp_path).home == tmp_path
