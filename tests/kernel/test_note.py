"""Signed notes, with C2SP's own example, and the stand-alone verifier's Ed25519 against RFC 8032 and cryptography."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies as st

from safehold.kernel import note
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.verifier import standalone
from support.auditvectors import load

NOTES = load("notes.json")
SIGNER = note.Signer("example.com/a", b"\x07" * 32)

# RFC 8032 section 7.1: tests 1, 2, 3 and SHA(abc), as public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize("case", NOTES["valid"], ids=range(len(NOTES["valid"])))
def test_valid_vectors(case):
    key = note.Verifier.parse(case["key"])
    assert str(key) == case["key"]
    text = note.open_note(case["note"], [key])
    assert case["note"].startswith(text + "\n— ")
    assert note.open_note(case["note"].encode(), [key]) == text
    assert standalone.open_note(case["note"], key.name, [(parent(key.name), key.public)], 0) == text


@pytest.mark.parametrize("case", NOTES["invalid"], ids=lambda case: case["why"])
def test_invalid_vectors(case):
    key = note.Verifier.parse(case["key"])
    with pytest.raises(Tampered):
        note.open_note(case["note"], [key])
    with pytest.raises(standalone.Fault):
        standalone.open_note(case["note"], key.name, [(parent(key.name), key.public)], 0)


def parent(name):
    return name.rpartition("/")[0]


@pytest.mark.parametrize("text", NOTES["invalid_keys"])
def test_invalid_keys(text):
    with pytest.raises(Invalid):
        note.Verifier.parse(text)
    with pytest.raises(standalone.Fault):
        standalone.read_key(text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.integers(1, 3))
def test_signed_text_comes_back(text, lines):
    whole = f"{text}\n" * lines
    signed = note.sign(whole, SIGNER)
    assert note.open_note(signed, [SIGNER.verifier]) == whole


@given(st.data())
def test_any_changed_character_is_refused(data):
    signed = note.sign("one\ntwo\n", SIGNER)
    at = data.draw(st.integers(0, len(signed) - 1))
    to = data.draw(st.characters(exclude_categories=("Cs",)).filter(lambda one: one != signed[at]))
    changed = signed[:at] + to + signed[at + 1 :]
    with pytest.raises(Tampered):
        note.open_note(changed, [SIGNER.verifier])


def test_a_key_under_another_name_is_another_key():
    other = SIGNER.named("example.com/b")
    assert other.verifier.public == SIGNER.verifier.public
    assert other.verifier.key_id != SIGNER.verifier.key_id
    assert SIGNER.verifier.named("example.com/b") == other.verifier
    assert other.name == "example.com/b"
    with pytest.raises(Tampered, match=r"signature of example\.com/a"):
        note.open_note(note.sign("x\n", other), [SIGNER.verifier])
    with pytest.raises(Tampered, match="a known key"):
        note.open_note(note.sign("x\n", other), [])


def test_the_seed_is_not_shown():
    assert "07" not in repr(SIGNER)
    assert len(note.new_seed()) == 32
    assert note.new_seed() != note.new_seed()


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x00"])
def test_names_that_would_be_ambiguous_are_refused(name):
    with pytest.raises(Invalid):
        note.Signer(name, b"\x07" * 32)


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n"])
def test_texts_that_are_no_notes_are_not_signed(text):
    with pytest.raises(Invalid):
        note.sign(text, SIGNER)


def test_what_is_missing_is_named():
    with pytest.raises(Invalid, match="signature"):
        note.sign("x\n")
    with pytest.raises(Invalid, match="32 bytes"):
        note.Verifier("a", b"short")
    with pytest.raises(Tampered, match="at most"):
        note.open_note(b"x" * (note.MAX_NOTE + 1), [])
    for data in (b"\xff\n\n", "\ud800\n\n— a AAAA\n"):
        with pytest.raises(Tampered, match="UTF-8"):
            note.open_note(data, [SIGNER.verifier])
    with pytest.raises(Tampered, match="key id"):
        note.open_note("x\n\n— a AAAA\n", [SIGNER.verifier])


@pytest.mark.parametrize("key", ["a+00000000+AgAA", "a+00000000+????"])
def test_keys_of_other_kinds_are_refused(key):
    with pytest.raises(Invalid):
        note.Verifier.parse(key)


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_of_the_stand_alone_verifier_on_rfc_8032(public, message, signature):
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert standalone.signature_is_right(key, text, signed)
    assert not standalone.signature_is_right(key, text + b"x", signed)
    assert not standalone.signature_is_right(key, text, signed[:-1])
    assert not standalone.signature_is_right(key[:-1], text, signed)
    bigger = (int.from_bytes(signed[32:], "little") + standalone.L).to_bytes(32, "little")
    assert not standalone.signature_is_right(key, text, signed[:32] + bigger)


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.data())
def test_ed25519_of_the_stand_alone_verifier_agrees_with_cryptography(seed, text, data):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signed = private.public_key().public_bytes_raw(), private.sign(text)
    assert standalone.signature_is_right(public, text, signed)
    bit = data.draw(st.integers(0, 511))
    changed = bytearray(signed)
    changed[bit // 8] ^= 1 << bit % 8
    assert not standalone.signature_is_right(public, text, bytes(changed))


@pytest.mark.parametrize(
    "point",
    [
        (2**255 - 19).to_bytes(32, "little"),  # y is not reduced
        (1 | 1 << 255).to_bytes(32, "little"),  # x = 0 with a sign
        (2).to_bytes(32, "little"),  # no point has this y
    ],
)
def test_bytes_that_are_no_point_are_refused(point):
    assert standalone.point_decode(point) is None
    assert not standalone.signature_is_right(point, b"", b"\x00" * 64)
