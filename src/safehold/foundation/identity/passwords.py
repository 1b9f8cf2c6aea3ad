"""Passwords: how they are hashed, and which are refused.

The rules are NIST SP 800-63B-4's for a password that may stand alone: at least 15 characters, whatever they are; none
that is commonly used or predictable from the account; no composition rules, no expiry, no hints. The standard lets a
password behind a second factor be as short as 8. We don't take that leave: a factor can be removed, the password
stays.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

__all__ = ["LONGEST", "SHORTEST", "Argon2id", "LengthValidator", "PredictableValidator", "normal"]

SHORTEST = 15
LONGEST = 1000
"""Far above any real password; a bound only so that nobody feeds the hash a book."""

_AT_ONCE = threading.BoundedSemaphore(4)
_SEQUENCES = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
)


def normal(password: str) -> str:
    """The password as it is hashed: NFKC, so that the same characters typed on two keyboards are the same password."""
    return unicodedata.normalize("NFKC", password)


class Argon2id(Argon2PasswordHasher):
    """Argon2id at 46 MiB and two passes, above OWASP's and ASVS's floor; four at once in a process.

    Without a bound, a flood of sign-ins would be a flood of memory.
    """

    time_cost = 2
    memory_cost = 47_104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash the password."""
        with _AT_ONCE:
            encoded: str = super().encode(password, salt)
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """Whether `encoded` is a hash of the password."""
        with _AT_ONCE:
            same: bool = super().verify(password, encoded)
        return same


class LengthValidator:
    """Refuses what is shorter than 15 characters or absurdly long; characters are counted, not bytes."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise unless the length is right."""
        length = len(normal(password))
        if length < SHORTEST:
            raise ValidationError(
                f"Use at least {SHORTEST} characters; three or four words do.", code="password-too-short"
            )
        if length > LONGEST:
            raise ValidationError(f"Use at most {LONGEST} characters.", code="password-too-long")

    def get_help_text(self) -> str:
        """What the form says beside the field."""
        return f"At least {SHORTEST} characters; three or four words that don't belong together are strong."


class PredictableValidator:
    """Refuses what can be guessed although it is long: a repetition, a run, or a known word with trimmings.

    Known words are the commonly used passwords and what belongs to the account: its name, its address, our own name.
    Up to two of them with digits, signs or runs around count as predictable; a phrase of more words passes.
    """

    _WORDS_ALLOWED = 2
    _REST_NEEDED = 6

    def validate(self, password: str, user: object = None) -> None:
        """Raise if the password is predictable."""
        plain = normal(password).casefold()
        if _repeats(plain) or self._known(plain, _words_of(user)):
            raise ValidationError(
                "This is too easy to guess: it is a repetition, or a well-known word with something around it.",
                code="password-predictable",
            )

    def _known(self, plain: str, own: frozenset[str]) -> bool:
        found, rest = _cut(plain, own | _common())
        letters = "".join(character for character in rest if character.isalpha())
        return len(found) <= self._WORDS_ALLOWED and len(letters) < self._REST_NEEDED

    def get_help_text(self) -> str:
        """What the form says beside the field."""
        return "Not your name, your address, or a well-known password with digits around it."


def _repeats(plain: str) -> bool:
    """Whether the text is one short piece over and over."""
    return re.match(r"(.{1,8}?)\1+.{0,7}\Z", plain, re.DOTALL) is not None and len(set(plain)) < SHORTEST // 2 + 1


def _cut(plain: str, known: frozenset[str]) -> tuple[set[str], str]:
    """The known words and runs in the text, longest first, and what is left of it."""
    found: set[str] = set()
    rest, place = [], 0
    while place < len(plain):
        size = next((n for n in range(min(24, len(plain) - place), 3, -1) if plain[place : place + n] in known), 0)
        run = 0 if size else _run(plain, place)
        if size:
            found.add(plain[place : place + size])
        if not size and not run:
            rest.append(plain[place])
        place += size or run or 1
    return found, "".join(rest)


def _run(plain: str, place: int) -> int:
    """How many characters from `place` follow each other in the alphabet, in counting or on a keyboard; 0 if few."""
    for sequence in _SEQUENCES:
        for line in (sequence * 2, sequence[::-1] * 2):
            size = 0
            while plain[place : place + size + 1] in line and place + size < len(plain):
                size += 1
            if size >= 4:
                return size
    return 0


def _words_of(user: object) -> frozenset[str]:
    """Words of four letters or more in the account's name and address, and our own name."""
    texts = [str(getattr(user, name, "") or "") for name in ("email", "name")]
    words = {word for text in texts for word in re.split(r"\W+|_", text.casefold())}
    return frozenset({word for word in words if len(word) >= 4} | {"safehold"})


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    validator: Any = CommonPasswordValidator()
    return frozenset(word for word in validator.passwords if len(word) >= 4)
