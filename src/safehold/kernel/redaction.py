"""Taking secrets out of text on its way to a log: values behind telling names, and what is a secret by its shape.

It takes out too much rather than too little: a log line serves to find a fault, and a word less in it harms nobody.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["CUT", "GONE", "LONGEST", "redact", "redact_fault"]

GONE: Final = "[redacted]"
LONGEST: Final = 32 * 1024
"""Characters of one text that are kept: nobody fills a disk, or a reader's evening, with one line."""
CUT: Final = " … (cut)"

_HEADER = re.compile(
    r"(?i)\b((?:set-|http_)?cookie|(?:proxy-|http_)?authorization)(\s*[:=]\s*)(?![\s\[{(<]|[bru]?['\"])([^\r\n'\"]+)"
)
_KEYED = re.compile(
    r"""(?ix)
    (?<![\w\-])
    ( (?:__Host-)?[\w\-]{0,40}?
      (?: passwor[dt] | passwd | passphrase | secret | token | api[_-]?key | private[_-]?key | credential | csrf
        | recovery[_-]?code | cookie | session[_-]?(?:id|key) | authorization | security[_-]?answer | one[_-]?time )
      [\w\-]{0,40}
    | __Host-[\w\-]{1,40} | otp | totp | pin | answers? | codes? | ticket | pwd | seed )
    ( ["']?\]?\s*(?:=>|[:=])\s* )
    ( <\w+:\s*'[^']*'> | [bru]?"(?:[^"\\]|\\.)*" | [bru]?'(?:[^'\\]|\\.)*' | \[[^\]]*\] | \{[^}]*\} | \([^)]*\)
    | [^\s'",;&}\])]+ )
    """
)
_WRAPPED = re.compile(r"(<\w+:\s*'|[bru]?['\"])(.*?)('>|['\"])", re.DOTALL | re.IGNORECASE)

_SHAPES = re.compile(
    r"sfh_[A-Za-z0-9_\-]{16,}"  # our own API tokens
    r"|gAAAAA[A-Za-z0-9_\-]{40,}={0,2}"  # Fernet
    r"|eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*"  # JSON web tokens
    r"|(?i:bearer|basic|digest)\s+[A-Za-z0-9._~+/=\-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|PRIVATE\+KEY\+[^\s]+"  # C2SP signed-note keys
    r"|otpauth://\S+|(?<![A-Za-z0-9])[A-Z2-7]{32,}(?![A-Za-z0-9])"  # seeds of authenticator apps
    r"|[0-9a-f]{64}\d[A-Z][0-9a-f]{64}\d{20}[a-z]*(?::\{[\d,]*\})?"  # scope tickets
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9\-]{10,}"
    r"|\b(?:sk|pk|rk|re|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}"  # other services' keys
    r"|\$(?:argon2\w*|2[aby]|scrypt|pbkdf2\w*)\$\S+|argon2\$\S+"  # hashes of passwords
)
_LINKS = re.compile(r"(/(?:invitation|reset|approve|approval|confirm|unsubscribe|sign|key)/)([^\s/?#'\"<>]{8,})")
_IN_URL = re.compile(r"://[^/\s:@'\"]+:[^/\s@'\"]+@")
_DETAIL = re.compile(r"(?m)(?<=^DETAIL:  ).+$")
"""What the database adds to an error: the values of a row."""
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_DIGITS = re.compile(r"(?<![\w\-.])\d(?:[ \-]?\d){12,18}(?![\w\-.])")
_QUOTED = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")


def redact(text: str) -> str:
    """`text` without what looks like a secret, a person's address or a card's number, and not longer than `LONGEST`."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + CUT
    text = _SHAPES.sub(GONE, text)
    text = _LINKS.sub(rf"\1{GONE}", text)
    text = _IN_URL.sub(GONE, text)
    text = _DETAIL.sub(GONE, text)
    text = _HEADER.sub(rf"\1\2{GONE}", text)
    text = _KEYED.sub(_without_value, text)
    text = _EMAIL.sub(GONE, text)
    return _DIGITS.sub(_without_card, text)


def redact_fault(text: str) -> str:
    """`redact` for what an error says: what it quotes may be what somebody typed, and goes too."""
    return redact(_QUOTED.sub(f"'{GONE}'", text[:LONGEST]))


def _without_value(found: re.Match[str]) -> str:
    """The name stays, and the quotation marks around its value."""
    name, between, value = found.groups()
    if value.startswith(GONE[:-1]):
        return found[0]
    wrapped = _WRAPPED.fullmatch(value)
    return f"{name}{between}{wrapped[1]}{GONE}{wrapped[3]}" if wrapped else f"{name}{between}{GONE}"


def _without_card(found: re.Match[str]) -> str:
    """Only what satisfies the check digit of card numbers goes; other long numbers stay."""
    digits = [int(digit) for digit in found[0] if digit.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return GONE if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else found[0]
