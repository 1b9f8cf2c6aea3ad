"""Writes specs/vectors/audit: cases that a verifier of the audit log has to take, and cases that it has to refuse.

    python tools/audit_vectors.py          write them
    python tools/audit_vectors.py --check  compare with what is there; exit 1 on any difference

Nothing here depends on chance or the clock: the same bytes come out each time.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import audit_attacks
from audit_exports import KEY, NEW_KEY, OTHER_KEY, START, Case, json_edit, tenant_log, valid
from safehold.kernel import auditevent, auditfile, canonical, chain, merkle
from safehold.kernel.verifier import verify

VECTORS = Path(__file__).parents[1] / "specs" / "vectors" / "audit"


def files() -> Iterator[tuple[str, bytes]]:
    """Every file under `VECTORS`, by its name."""
    for name, value in {
        "canonical.json": canonical_cases(),
        "events.json": event_cases(),
        "tree.json": tree_cases(),
        "notes.json": note_cases(),
        "proofs.json": proof_cases(),
    }.items():
        yield name, _pretty(value)
    index: dict[str, list[object]] = {"valid": [], "invalid": []}
    for case in (*valid(), *audit_attacks.invalid()):
        yield f"exports/{case.name}{auditfile.SUFFIX}", case.data
        index["invalid" if case.step else "valid"].append(case.entry() | _report(case))
    yield "exports.json", _pretty(index)


def _pretty(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _report(case: Case) -> dict[str, object]:
    if case.step:
        return {}
    found = verify(io.BytesIO(case.data), [key.verifier for key in case.keys], case.held)
    return {
        "log": found.head.origin,
        "from": found.first,
        "to": found.end,
        "size": found.head.size,
        "root": found.head.root.hex(),
        "heads": found.checkpoints,
        "chain_checked": found.chain_checked,
        "log_of_logs_size": found.logs.size if found.logs else None,
        "openings": found.openings,
        "in_period": found.in_period if found.period else None,
        "purged_below": found.purged.minimum if found.purged else None,
    }


def canonical_cases() -> dict[str, object]:
    """Section 1."""
    values: list[canonical.Value] = [
        None,
        True,
        False,
        0,
        -1,
        2**53 - 1,
        -(2**53) + 1,
        "",
        "é漢🙂\u2028/",
        '"\\\b\f\n\r\t\x00\x1f\x7f',
        [],
        {},
        [1, [2, []]],
        {"b": 1, "a": 2, "a-b": 3, "A": 4, "a.b": 5, "a_b": 6, "a0": 7},
        {"a": {"b": [None, True]}},
    ]
    refused = {
        "empty": b"",
        "space": b" 1",
        "newline": b"1\n",
        "space in list": b"[1, 2]",
        "disorder": b'{"b":1,"a":2}',
        "key twice": b'{"a":1,"a":1}',
        "fraction": b"1.0",
        "exponent": b"1e2",
        "minus zero": b"-0",
        "leading zero": b"01",
        "2^53": b"9007199254740992",
        "NaN": b"NaN",
        "Infinity": b"-Infinity",
        "solidus escaped": b'"\\/"',
        "needless escape": b'"\\u0041"',
        "upper-case hex": b'"\\u001F"',
        "long escape": b'"\\u000a"',
        "raw control": b'"\x01"',
        "surrogate": b'"\\ud800"',
        "surrogate in UTF-8": b'"\xed\xa0\x80"',
        "not UTF-8": b'"\xe9"',
        "overlong UTF-8": b'"\xc0\xaf"',
        "byte order mark": b"\xef\xbb\xbf1",
        "key empty": b'{"":1}',
        "key not ASCII": '{"é":1}'.encode(),
        "key begins with digit": b'{"1":1}',
        "trailing": b"1 2",
        "single quotes": b"'a'",
        "17 levels": b"[" * 17 + b"]" * 17,
        "100 levels": b"[" * 100 + b"]" * 100,
    }
    return {
        "valid": [canonical.encode(value).decode() for value in values] + ["[" * 16 + "]" * 16],
        "invalid": [{"why": why, "hex": data.hex()} for why, data in refused.items()],
    }


def event_cases() -> dict[str, object]:
    """Sections 3 to 5."""
    log = tenant_log()
    shown = [(index, one) for index, openings in enumerate(log.openings) for one in openings]
    first = log.events[0]
    return {
        "valid": [{"bytes": data.decode(), "leaf": merkle.leaf_hash(data).hex()} for data in log.events],
        "invalid": [
            {"why": "an object as a field", "bytes": json_edit(first, fields={"a": {}}).decode()},
            {"why": "a list as a field", "bytes": json_edit(first, fields={"a": []}).decode()},
            {"why": "upper-case hex", "bytes": json_edit(first, personal={"a": "AB" * 32}).decode()},
            {"why": "an unknown kind of log", "bytes": json_edit(first, log="safehold/vectors/else").decode()},
            {"why": "a log of no installation", "bytes": json_edit(first, log="safehold//platform").decode()},
            {"why": "an actor of 201 characters", "bytes": json_edit(first, actor="a" * 201).decode()},
            {"why": "a moment as a string", "bytes": json_edit(first, at="1").decode()},
            {"why": "a moment that is true", "bytes": json_edit(first, at=True).decode()},
        ],
        "openings": [
            {
                "id": str(auditevent.decode(log.events[index]).id),
                "name": one.name,
                "value": one.value,
                "salt": one.salt.hex(),
                "commitment": auditevent.decode(log.events[index]).personal[one.name].hex(),
            }
            for index, one in shown
        ],
    }


def tree_cases() -> dict[str, object]:
    """Section 5: leaf i is the text "leaf i"."""
    leaves = merkle.leaf_hashes(f"leaf {number}".encode() for number in range(260))
    subtree = merkle.subtree_of(leaves)
    origin = "safehold/vectors/platform"
    heads = []
    for size in (0, 1, 2, 3, 4, 5, 7, 8, 100, 255, 256, 257, 260):
        frontier = merkle.Frontier()
        frontier.extend(leaves[:size])
        found = chain.extend_many(chain.start(origin), leaves[:size])
        heads.append(
            {"size": size, "root": frontier.root().hex(), "chain": found.hex(), "frontier": frontier.to_bytes().hex()}
        )
    inclusion = [
        {"index": index, "size": size, "proof": [one.hex() for one in merkle.inclusion_proof(index, size, subtree)]}
        for index, size in ((0, 1), (0, 2), (1, 2), (2, 3), (0, 7), (6, 7), (99, 260), (255, 260), (259, 260))
    ]
    consistency = [
        {"old": old, "new": new, "proof": [one.hex() for one in merkle.consistency_proof(old, new, subtree)]}
        for old, new in ((0, 5), (1, 1), (1, 2), (2, 5), (3, 7), (4, 7), (6, 8), (128, 260), (255, 257), (259, 260))
    ]
    covers = [
        {"from": lo, "to": hi, "subtrees": merkle.cover(lo, hi)}
        for lo, hi in ((0, 7), (3, 7), (5, 12), (8, 21), (4, 4))
    ]
    return {"origin": origin, "heads": heads, "inclusion": inclusion, "consistency": consistency, "covers": covers}


def note_cases() -> dict[str, object]:
    """Section 7. The first valid note is the example of C2SP signed-note."""
    head = tenant_log().head(12, START)
    good, key = head.sign(KEY), str(KEY.verifier.named(head.origin))
    text, _, tail = good.rpartition("\n\n")
    example = (
        "This is an example message.\n\n— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    witness = "— witness.example/w1 " + base64.b64encode(sha256(b"w").digest() * 3).decode() + "\n"
    refused = {
        "text changed": good.replace("\n12\n", "\n13\n"),
        "no signature": text + "\n\n",
        "no empty line": f"{text}\n{tail}",
        "no newline at the end": good[:-1],
        "text after the signatures": good + "more\n",
        "empty line after the signatures": good + "\n",
        "a control character": good.replace("time", "ti\tme"),
        "carriage returns": good.replace("\n", "\r\n"),
        "a hyphen for the dash": good.replace("—", "-"),
        "two spaces": good.replace("— safehold", "—  safehold"),
        "base64 with unused bits set": _unused_bits(good),
        "signature cut": f"{text}\n\n{tail[:-10]}\n",
        "signed by another key": head.sign(NEW_KEY),
        "signed by another installation": head.sign(OTHER_KEY),
        "a known key's second signature is wrong": good + KEY.named(head.origin).signature_line("x\n"),
        "65 signatures": good + witness * 64,
    }
    return {
        "installation_key": str(KEY.verifier),
        "valid": [
            {"key": "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "note": example},
            {"key": key, "note": good},
            {"key": key, "note": good + witness},
            {"key": key, "note": f"{text}\n\n{witness}{tail}"},
            {"key": key, "note": good + witness * 63},
            {"key": key, "note": head.sign(NEW_KEY, KEY)},
        ],
        "invalid": [{"why": why, "key": key, "note": found} for why, found in refused.items()],
        "invalid_keys": [
            key.replace("+", "", 1),
            key + "A",
            key[:-4],
            key.replace("safehold", "safehelp"),
            "",
            "a b+c+d",
        ],
    }


def _unused_bits(signed: str) -> str:
    """68 bytes end in one digit with four unused bits, or two: set the lowest."""
    body, digit = signed[:-3], signed[-3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return body + alphabet[alphabet.index(digit) ^ 1] + signed[-2:]


def proof_cases() -> dict[str, object]:
    """Section 9."""
    log = tenant_log()
    head = log.head(12, START)
    good = log.proof(6, head)
    lines = good.split("\n")
    one = tenant_log()
    one.events = one.events[:1]
    refused = {
        "another index": good.replace("\nindex 6\n", "\nindex 7\n"),
        "index outside": good.replace("\nindex 6\n", "\nindex 12\n"),
        "index with a zero before": good.replace("\nindex 6\n", "\nindex 06\n"),
        "a hash less": "\n".join(lines[:3] + lines[4:]),
        "a hash more": "\n".join([*lines[:3], lines[3], *lines[3:]]),
        "64 hashes": "\n".join([*lines[:3], *[lines[3]] * 64, *lines[-9:]]),
        "no checkpoint": "\n".join(lines[:7]) + "\n",
        "hashes swapped": "\n".join([*lines[:3], lines[4], lines[3], *lines[5:]]),
        "another event": good.replace(lines[1], "extra " + base64.b64encode(log.events[7]).decode()),
        "no event": good.replace(lines[1] + "\n", ""),
        "a node for an event": good.replace(lines[1], "extra " + base64.b64encode(b"\x01" * 65).decode()),
        "another version": good.replace("@v1", "@v2"),
        "no empty line": good.replace("\n\n" + head.origin, "\n" + head.origin),
        "another head": good.replace(head.sign(KEY), log.head(11, START).sign(KEY)),
        "unknown key": good.replace(head.sign(KEY), head.sign(NEW_KEY)),
        "an event of another log": _foreign(),
        "a line more before the hashes": good.replace("\nindex", "\nsize 12\nindex"),
    }
    return {
        "key": str(KEY.verifier),
        "valid": [
            {"index": index, "proof": log.proof(index, head), "event": log.events[index].decode()}
            for index in (0, 6, 11)
        ]
        + [{"index": 0, "proof": one.proof(0, one.head(1, START)), "event": one.events[0].decode()}],
        "invalid": [{"why": why, "proof": found} for why, found in refused.items()],
    }


def _foreign() -> str:
    mixed = tenant_log()
    mixed.events[6] = json_edit(mixed.events[6], log=auditevent.origin_of("vectors", UUID(int=9)))
    return mixed.proof(6, mixed.head(12, START))


def main(argv: list[str]) -> int:
    """Write the vectors, or compare."""
    wanted = dict(files())
    there = {str(path.relative_to(VECTORS)) for path in VECTORS.rglob("*") if path.is_file()}
    if "--check" in argv:
        wrong = sorted(
            (there ^ set(wanted)) | {n for n in there & set(wanted) if (VECTORS / n).read_bytes() != wanted[n]}
        )
        print("\n".join(f"differs: {name}" for name in wrong) or f"{len(wanted)} files as they should be")
        return 1 if wrong else 0
    for name in there - set(wanted):
        (VECTORS / name).unlink()
    for name, content in wanted.items():
        path = VECTORS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(wanted)} files, {sum(map(len, wanted.values())):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
