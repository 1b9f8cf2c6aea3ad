"""The root key's three sources."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from safehold.foundation.keys.errors import RootKeyUnusable
from safehold.foundation.keys.rootkey import read_root_key

KEY = bytes(range(200, 232))


@pytest.mark.parametrize(
    "content",
    [
        KEY,
        KEY.hex().encode() + b"\n",
        KEY.hex().upper().encode(),
        base64.b64encode(KEY),
        base64.urlsafe_b64encode(KEY).rstrip(b"=") + b"\r\n",
        b" " * 31 + b"\n",
    ],
    ids=["raw", "hex", "capital hex", "base64", "base64url", "raw that looks like spaces"],
)
def test_a_file_may_hold_it_in_any_usual_form(tmp_path: Path, content: bytes):
    (tmp_path / "root.key").write_bytes(content)
    expected = content if len(content) == 32 else KEY
    assert read_root_key(tmp_path / "root.key", b"", {}) == bytearray(expected)


def test_the_variable_comes_first(tmp_path: Path):
    (tmp_path / "root.key").write_bytes(bytes(32))
    assert read_root_key(tmp_path / "root.key", b"", {"SAFEHOLD_ROOT_KEY": KEY.hex()}) == bytearray(KEY)


def test_a_passphrase_is_stretched_with_the_rings_salt(tmp_path: Path):
    (tmp_path / "passphrase").write_text("correct horse battery staple\n")
    environ = {"SAFEHOLD_ROOT_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    one, again, other = (read_root_key(tmp_path / "none", salt, environ) for salt in (b"1" * 16, b"1" * 16, b"2" * 16))
    assert one == again != other
    assert len(one) == 32


@pytest.mark.parametrize("content", [b"", b"short", KEY[:31], KEY + b"!", KEY.hex()[:-2].encode(), b"!" * 64])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes):
    (tmp_path / "root.key").write_bytes(content)
    with pytest.raises(RootKeyUnusable, match="doesn't hold a root key") as refusal:
        read_root_key(tmp_path / "root.key", b"", {})
    assert "!!" not in str(refusal.value)


def test_a_short_passphrase_is_refused(tmp_path: Path):
    (tmp_path / "passphrase").write_text("too short\n")
    with pytest.raises(RootKeyUnusable, match="too short: expected 16"):
        read_root_key(tmp_path / "none", b"1" * 16, {"SAFEHOLD_ROOT_PASSPHRASE_FILE": str(tmp_path / "passphrase")})


def test_a_missing_file_says_what_to_do(tmp_path: Path):
    with pytest.raises(RootKeyUnusable, match="can't be read") as refusal:
        read_root_key(tmp_path / "root.key", b"", {})
    assert "safe copy" in refusal.value.hint
