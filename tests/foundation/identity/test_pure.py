"""What needs no database: codes, tokens, passwords, devices."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, strategies as st

from safehold.foundation.identity import credentials, devices, passwords, totp

# RFC 6238 appendix B, SHA-1, the last six of its eight digits.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


class Person:
    email = "anna.lindqvist@northwind.example"
    name = "Anna Lindqvist"


@pytest.mark.parametrize(("moment", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(moment, code):
    assert totp.code_at(SEED, totp.step_of(moment)) == code


def test_a_code_counts_in_its_half_minute_and_the_next_and_once():
    moment = 1_700_000_010.0
    step, code = totp.step_of(moment), totp.code_at(SEED, totp.step_of(moment))
    assert totp.step_taken(SEED, code, moment) == step
    assert totp.step_taken(SEED, f"{code[:3]} {code[3:]}", moment) == step
    assert totp.step_taken(SEED, code, moment + 30) == step
    assert totp.step_taken(SEED, code, moment + 60) is None
    assert totp.step_taken(SEED, code, moment - 30) is None
    assert totp.step_taken(SEED, code, moment, last=step) is None
    assert totp.step_taken(SEED, "", moment) is None
    assert totp.step_taken(SEED, "".join(chr(0xFF10 + digit) for digit in (1, 2, 3, 4, 5, 6)), moment) is None


def test_a_token_proves_its_own_shape():
    token = credentials.new_token()
    assert credentials.is_token(token)
    assert len({credentials.new_token() for _ in range(100)}) == 100
    assert len(credentials.digest(token)) == 32
    assert token.startswith(credentials.shown_part(token))


@given(st.integers(4, 52), st.sampled_from("0123456789ABCDEFabcdef"))
def test_a_token_with_one_character_changed_is_none(place, character):
    token = credentials.new_token()
    changed = token[:place] + character + token[place + 1 :]
    assert credentials.is_token(changed) is (changed == token)


@pytest.mark.parametrize("text", ["", "sfh_", "sfh_" + "a" * 49, "x" * 53])
def test_what_is_no_token(text):
    assert not credentials.is_token(text)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "zvkqpwmxnrtyhgf",  # 15 small letters: no composition is asked for
        "the lamp eats winter",
        "ÅÄÖ räksmörgås på tisdag",
        "x9" + "kqzjwxvbmpltrdg" * 8 + "!" * 6,
    ],
)
def test_strong_passwords_pass(password):
    passwords.LengthValidator().validate(password, Person())
    passwords.PredictableValidator().validate(password, Person())


def test_length_is_all_that_is_asked_of_128_characters():
    password = "".join(chr(33 + (index * 37) % 90) for index in range(128))
    passwords.LengthValidator().validate(password)
    passwords.PredictableValidator().validate(password)


@pytest.mark.parametrize("password", ["zvkqpwmxnrtyhg", "short", "x" * 1001, "ﬁ" * 7])
def test_length_is_counted_in_characters(password):
    with pytest.raises(ValidationError):
        passwords.LengthValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "qwertyuiopasdfgh",
        "123456789012345678",
        "Password12345678",
        "iloveyou!!!!!!!!!",
        "safehold-safehold-1",
        "annalindqvist2026!",
        "Lindqvist-Northwind",
        "hunter2hunter2hunter2",
        "zyxwvutsrqponmlkjihg",
    ],
)
def test_predictable_passwords_are_refused(password):
    with pytest.raises(ValidationError):
        passwords.PredictableValidator().validate(password, Person())


def test_the_same_characters_typed_otherwise_are_the_same_password():
    assert passwords.normal("ra\u0308ksmo\u0308rga\u030as") == passwords.normal("räksmörgås")


def test_the_hash_is_argon2id_and_keeps_every_character(real_hash):
    hasher = passwords.Argon2id()
    long = "zvkqpwmxnrtyhgf" * 7
    encoded = hasher.encode(long, hasher.salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=47104,t=2,p=1$")
    assert hasher.verify(long, encoded)
    assert not hasher.verify(long[:-1] + "X", encoded)
    assert not hasher.must_update(encoded)


def test_a_hash_without_its_package_is_refused_at_the_start():
    from django.test import override_settings

    from safehold.foundation.identity import checks, settings

    assert checks.the_chosen_hash_is_there(None) == []
    with override_settings(PASSWORD_HASHERS=settings.password_hashers("bcrypt")):
        found = [message.id for message in checks.the_chosen_hash_is_there(None)]
    assert found in ([], ["safehold.identity.E001"])
    with (
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.BCryptPasswordHasher"]),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("django.contrib.auth.hashers.BCryptPasswordHasher.library", ("nothing", "no_such_package"))
        assert [message.id for message in checks.the_chosen_hash_is_there(None)] == ["safehold.identity.E001"]


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1",
            "Safari on iOS",
        ),
        ("curl/8.5.0", "curl"),
        ("", "an unknown device"),
        ("<script>alert(1)</script>", "an unknown device"),
    ],
)
def test_devices_in_a_few_words(agent, device):
    assert devices.device_of(agent) == device
