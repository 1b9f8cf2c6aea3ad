"""How each kind of place is given a head, and what counts as having it. No transaction is held while something is sent.

A witness is spoken to as C2SP tlog-witness has it (add-checkpoint), a time authority as RFC 3161 over HTTP.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from django.db import connection
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from safehold.foundation.anchors.conf import Kind
from safehold.foundation.anchors.errors import Contradicted
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import installation
from safehold.foundation.audit.stored import tile_reader
from safehold.foundation.egress import flows as egress
from safehold.foundation.egress.errors import DeliveryFailed
from safehold.foundation.egress.gateway import Answer
from safehold.foundation.identity import flows as identity
from safehold.foundation.objects.installed import current_store
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import merkle
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.cosignature import Witness
from safehold.kernel.errors import Invalid, Problem, Tampered
from safehold.kernel.tiles import TileReader
from safehold.kernel.webhook import headers as signed_headers

__all__ = ["Head", "Held", "hand", "path_of", "roots_of", "witness_of"]

_MOST_NOTE = 60_000


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head on its way out, and the size of the one that the place holds so far."""

    log: UUID
    note: str
    said: Checkpoint
    before: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a place now holds, and what it gave back for it."""

    size: int
    note: str
    receipt: bytes = b""


def hand(kind: Kind, scope: Scope, destination: UUID | None, told: dict[str, str], head: Head) -> Held:
    """Give a head to a place of this kind. Raises `SafeholdError` where they didn't take it, `Contradicted` where what
    they hold can't be.
    """
    if destination is None:
        return _store(scope, head) if kind is Kind.OBJECT_STORE else _mail(scope, told, head)
    sender = {Kind.WITNESS: _witness, Kind.TIME_STAMP: _time_stamp, Kind.WEBHOOK: _webhook}[kind]
    return sender(scope, destination, told, head)


def witness_of(key: str) -> Witness:
    """A witness's key from what it publishes."""
    try:
        return Witness.parse(key)
    except Invalid as error:
        raise Invalid("This witness can't be used.", problems=(Problem("key", error.message),)) from None


def roots_of(authority: str) -> list[x509.Certificate]:
    """The certificates that a time authority's stamps have to lead to."""
    try:
        found = x509.load_pem_x509_certificates(authority.encode())
    except ValueError:
        found = []
    if not found:
        problem = Problem("authority", "one or more certificates in PEM form")
        raise Invalid("This time authority can't be used.", problems=(problem,))
    return found


def path_of(url: str) -> str:
    """Path and query of an address, as they are sent."""
    found = urlsplit(url.strip())
    return (found.path or "/") + (f"?{found.query}" if found.query else "")


def _witness(scope: Scope, destination: UUID, told: dict[str, str], head: Head) -> Held:
    """Offer the head with a proof that it grew out of what they hold; where they hold another, once more from there."""
    witness, before = Witness.parse(told["key"]), head.before
    for _ in range(2):
        body = _add_checkpoint(scope, head, before)
        path = told["path"].rstrip("/") + "/add-checkpoint"
        answer = egress.send(scope=scope, destination_id=destination, path=path, body=body)
        if answer.status == 200:
            cosigned = witness.read(_text(answer), head.said.text)
            return Held(head.said.size, head.note, cosigned.line.encode())
        if answer.status != 409:
            break
        before = _size_held(answer, head)
    if answer.status == 422:
        raise Contradicted(f"The witness {witness.name} holds a head that this log did not grow out of.", before)
    raise DeliveryFailed(f"The witness {witness.name} answered with {answer.status}.")


def _size_held(answer: Answer, head: Head) -> int:
    text = _text(answer).strip()
    if not text.isdecimal() or len(text) > 16:
        raise DeliveryFailed("The witness holds another head than we thought, and doesn't say which.")
    if int(text) > head.said.size:
        message = f"A witness holds {text} events of this log, {head.said.size} are stored: it was cut or rolled back."
        raise Contradicted(message, int(text))
    return int(text)


def _add_checkpoint(scope: Scope, head: Head, before: int) -> bytes:
    """The body of add-checkpoint: the size they hold, the consistency proof from there, and the signed head."""
    with scoped(scope), connection.cursor() as cursor:
        tree = TileReader(head.said.size, tile_reader(cursor, head.log))
        proof = merkle.consistency_proof(before, head.said.size, tree.subtree) if before else []
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {before}\n{lines}\n{head.note}".encode()


def _time_stamp(scope: Scope, destination: UUID, told: dict[str, str], head: Head) -> Held:
    """Have the authority stamp the digest of the note, and believe the stamp only where it leads to its certificate."""
    message = head.note.encode()
    builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query"}
    answer = egress.send(
        scope=scope, destination_id=destination, path=told["path"], body=request.as_bytes(), headers=headers
    )
    if answer.status != 200:
        raise DeliveryFailed(f"The time authority answered with {answer.status}.")
    try:
        response = decode_timestamp_response(answer.body)
        verifier = VerifierBuilder.from_request(request)
        for certificate in roots_of(told["authority"]):
            verifier = verifier.add_root_certificate(certificate)
        verifier.build().verify_message(response, message)
    except (VerificationError, ValueError):
        raise Tampered("What the time authority sent is no stamp of this head that leads to its certificate.") from None
    return Held(head.said.size, head.note, answer.body)


def _webhook(scope: Scope, destination: UUID, told: dict[str, str], head: Head) -> Held:
    """Post the head, signed. Its id is made of the head, so that one sent twice is known for the same."""
    at = int(clock.now().timestamp())
    data = {"origin": head.said.origin, "size": head.said.size, "note": head.note}
    body = json.dumps({"type": "log.checkpoint", "timestamp": clock.now().isoformat(), "data": data}).encode()
    message_id = f"msg_{sha256(head.note.encode()).hexdigest()[:32]}"
    headers = signed_headers(told["secret"], message_id=message_id, at=at, body=body)
    headers["Content-Type"] = "application/json"
    answer = egress.send(scope=scope, destination_id=destination, path=told["path"], body=body, headers=headers)
    if not 200 <= answer.status < 300:
        raise DeliveryFailed(f"The webhook answered with {answer.status}.")
    return Held(head.said.size, head.note)


def _mail(scope: Scope, told: dict[str, str], head: Head) -> Held:
    """Mail the head. That it was handed to the mail server is all that can be known."""
    text = (
        "This is the newest signed head of your activity log. Keep this mail: whoever holds it can show later that "
        f"nothing before it was changed.\n\n{head.note}\n"
        "To compare it with an export of the log: safehold verify EXPORT --key KEY --held THIS\n"
    )
    with scoped(scope):
        identity.send_mail(to=told["email"], subject=f"Activity log: {head.said.size} events", text=text)
    return Held(head.said.size, head.note)


def _store(scope: Scope, head: Head) -> Held:
    """Put the head into the store of files, beside all before it: one that a newer doesn't replace can be held to."""
    store = current_store()
    if newest := max(store.heads(), default=""):
        _compare(scope, store.read_head(newest), head)
    store.put_head(f"{head.said.size:020}", head.note.encode())
    return Held(head.said.size, head.note)


def _compare(scope: Scope, kept: bytes, head: Head) -> None:
    """Raise `Contradicted` unless the head grew out of the one that the store keeps."""
    try:
        theirs = open_checkpoint(kept.decode(), published_keys(installation()))
    except (Tampered, UnicodeError):
        raise DeliveryFailed("The newest head in the object store isn't one of ours.") from None
    if theirs.size > head.said.size:
        message = f"The object store holds a head of {theirs.size} events, {head.said.size} are stored."
        raise Contradicted(message, theirs.size)
    with scoped(scope), connection.cursor() as cursor:
        tree = TileReader(head.said.size, tile_reader(cursor, head.log))
        then = tree.frontier(theirs.size).root()
    if then != theirs.root:
        raise Contradicted("The object store holds a head that this log did not grow out of.", theirs.size)


def _text(answer: Answer) -> str:
    if len(answer.body) > _MOST_NOTE:
        raise DeliveryFailed("The answer is longer than any that makes sense.")
    try:
        return answer.body.decode()
    except UnicodeError:
        raise DeliveryFailed("The answer isn't text.") from None
