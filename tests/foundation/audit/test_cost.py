"""What verifying costs, counted in what is read and held, not in seconds."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

import factories
from safehold.foundation.audit import events, flows, verification
from safehold.foundation.audit.probes import chain
from safehold.foundation.audit.probes.chain import nothing_was_changed_unseen
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import merkle, note, proof
from safehold.kernel.auditfile import Description, write
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.merkle import Frontier
from safehold.kernel.promise import ProbeContext, Result
from safehold.kernel.verifier import verify
from support.auditvectors import audit_exports

DENIED = {"permission": "p", "route": "GET /r"}
REREAD, WINDOW = 1_000, 256


class Reads:
    """Counts the rows of events and leaves that statements bring, by watching every statement."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, execute, sql, params, many, context) -> Any:
        result = execute(sql, params, many, context)
        if re.search(r"FROM audit_leaf leaf\s+LEFT JOIN audit_event", str(sql)):
            self.rows += max(context["cursor"].rowcount, 0)
        return result


def write_events(scope, count: int) -> None:
    for start in range(0, count, 500):
        with scoped(scope):
            flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * min(500, count - start))


def read_by(probe: ProbeContext, log: str) -> tuple[int, int]:
    """How many events of this log a check says that it read, and how many rows all of its statements brought."""
    counted = Reads()
    with connection.execute_wrapper(counted):
        found = nothing_was_changed_unseen(probe)
    assert found.result is Result.KEPT, found
    logs = found.evidence["logs"]
    return next(said["read"] for name, said in logs.items() if log in name), counted.rows


@pytest.mark.slow
def test_a_nightly_check_reads_what_is_new(installation, superuser, sealer, monkeypatch):
    """After one full verification of N events, k new ones cost k and the hour's stretch of old ones, whatever N is."""
    for module in (verification, chain):
        monkeypatch.setattr(module, "REREAD", REREAD)
    monkeypatch.setattr(verification, "WINDOW", WINDOW)
    monkeypatch.setattr(chain, "ALARM_SECONDS", 600.0)
    superuser.execute("update audit_sealer_state set at = now(), waiting_since = null")
    big, small = (factories.scope_of(factories.make_tenant(), "owner") for _ in range(2))
    probe = ProbeContext(now=clock.now(), left=big.tenant, right=small.tenant)
    for size in (4_000, 12_000):
        write_events(big, 4_000 if size == 4_000 else 8_000)
        sealer.catch_up()
        first, _ = read_by(probe, str(big.tenant))
        assert first >= 4_000
        sealer.catch_up()
        for new in (0, 50, 300):
            write_events(big, new)
            sealer.catch_up()
            night = replace(probe, now=probe.now + timedelta(hours=7))
            said, rows = read_by(night, str(big.tenant))
            assert said <= new + WINDOW + 20, (size, new)
            assert rows < first, (size, new)
            assert said >= new


def test_every_hour_another_stretch_until_all_was_read_again(monkeypatch):
    """The stretches of successive hours leave no event out."""
    before, seen = 5_000, set()
    for hour in range(-(-before // WINDOW) + 1):
        first = hour * WINDOW % before // 256 * 256
        seen |= set(range(first, min(first + WINDOW, before)))
    assert seen == set(range(before))


class Stream:
    """A big export, made as it is read: nobody holds it whole."""

    def __init__(self, count: int) -> None:
        log = audit_exports.Log(audit_exports.tenant_log().origin)
        log.add(audit_exports.START)
        self.count, self.line = count, log.events[0].decode()
        self.pieces = self._write(log.origin)
        self.ready = b""

    def _events(self):
        for number in range(self.count):
            yield self._one(number), ()

    def _one(self, number: int) -> bytes:
        return self.line.replace('"number":0', f'"number":{number}', 1).encode()

    def _write(self, origin: str):
        from safehold.kernel import chain as chains

        frontier, head = Frontier(), chains.start(origin)
        for start in range(0, self.count, 1_000):
            leaves = [merkle.leaf_hash(self._one(number)) for number in range(start, min(start + 1_000, self.count))]
            frontier.extend(leaves)
            head = chains.extend_many(head, leaves)
        time = audit_exports.START + 60 * audit_exports.SECOND
        signed = Checkpoint(origin, self.count, frontier.root(), head, time).sign(audit_exports.KEY)
        what = Description(origin, 0, self.count, self.count, time, None)
        return write(what, self._events(), program=b"#", checkpoint=signed)

    def read(self, size: int) -> bytes:
        parts = [self.ready]
        there = len(self.ready)
        while there < size and (piece := next(self.pieces, None)) is not None:
            parts.append(piece)
            there += len(piece)
        whole = b"".join(parts)
        self.ready = whole[size:]
        return whole[:size]


@pytest.mark.slow
def test_a_big_export_is_verified_in_flat_memory():
    """Ten times the events take no more memory: a member of the file at a time is held, and it has a limit."""
    peaks = {}
    for count in (20_000, 200_000):
        stream = Stream(count)
        tracemalloc.start()
        report = verify(stream, [audit_exports.KEY.verifier])
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.count == count
    assert peaks[200_000] < 64 * 2**20
    assert peaks[200_000] < peaks[20_000] * 2.5


@pytest.mark.slow
def test_the_stand_alone_verifier_s_memory_is_flat_too(tmp_path):
    from support.auditvectors import STANDALONE

    peaks = []
    for count in (10_000, 60_000):
        path = tmp_path / f"{count}.safehold-audit"
        stream = Stream(count)
        with path.open("wb") as file:
            while piece := stream.read(1 << 20):
                file.write(piece)
        program = (
            "import runpy, sys, tracemalloc; sys.argv = sys.argv[1:]; tracemalloc.start()\n"
            "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
            "except SystemExit as end: assert not end.code\n"
            "print(tracemalloc.get_traced_memory()[1])"
        )
        key = str(audit_exports.KEY.verifier)
        command = [sys.executable, "-I", "-c", program, str(STANDALONE), str(path), "--key", key]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] < 32 * 2**20
    assert peaks[1] < peaks[0] * 1.5


def test_a_proof_out_of_a_million_with_three_cosignatures_is_below_two_kilobytes(capsys):
    """A real tree of a million leaves, and an event with the longest path there is. The two kilobytes are the proof's:
    the event's own bytes, which may be many more, are in its `extra` line. Without cosignatures both fit."""
    size, index = 1_000_000, 524_287
    log = audit_exports.tenant_log()
    event = log.events[1]
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    leaves[index] = merkle.leaf_hash(event)
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [merkle.node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])

    def subtree(lo: int, hi: int) -> bytes:
        level = (hi - lo - 1).bit_length()
        return levels[level][lo >> level]

    path = merkle.inclusion_proof(index, size, subtree)
    assert len(path) == 20
    head = Checkpoint(log.origin, size, levels[-1][0], bytes(32), audit_exports.START)
    signed = head.sign(audit_exports.KEY)
    for number in range(3):
        # A cosignature of C2SP tlog-cosignature: key id, 8 bytes of time, 64 of signature, under a witness's own name.
        witness = note.Signer(f"witness-{number}.example.com", bytes([number + 9]) * 32)
        line = witness.signature_line(head.text).split(" ")
        raw = note.from_base64(line[2].strip())
        signed += f"— {witness.name} {base64.b64encode(raw[:4] + bytes(8) + raw[4:]).decode()}\n"
    alone = proof.Proof(index, tuple(path), head.sign(audit_exports.KEY), event).encode()
    assert len(alone.encode()) <= 2_048
    text = proof.Proof(index, tuple(path), signed, event).encode()
    extra = next(line for line in text.split("\n") if line.startswith("extra "))
    assert len(text.encode()) - len(extra) <= 2_048
    began = clock.now()
    found, over = proof.verify(text, [audit_exports.KEY.verifier])
    taken = (clock.now() - began).total_seconds() * 1_000
    assert (found.encode(), over.size) == (event, size)
    with capsys.disabled():
        sys.stdout.write(f" {len(text.encode())} bytes, checked in {taken:.2f} ms ")
