"""Both verifiers on every vector, on every flipped byte, and from the command line."""

from __future__ import annotations

import ast
import io
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings, strategies as st

from safehold.kernel import verifier
from safehold.kernel.note import Verifier
from safehold.kernel.verifier import Refused, standalone
from support.auditvectors import STANDALONE, VECTORS, audit_attacks, audit_exports, audit_vectors, load

INDEX = load("exports.json")
EXPORT, LOG, KEY = audit_exports.export, audit_exports.tenant_log(), audit_exports.KEY
PUBLIC = str(KEY.verifier)


def ours(data, keys=(PUBLIC,), held=None):
    return verifier.verify(io.BytesIO(data), [Verifier.parse(key) for key in keys], held)


def theirs(data, keys=(PUBLIC,), held=None):
    return standalone.verify(io.BytesIO(data), [standalone.read_key(key) for key in keys], held)


def content(case):
    return (VECTORS / "exports" / case["file"]).read_bytes()


@pytest.mark.parametrize("case", INDEX["valid"], ids=lambda case: case["file"])
def test_valid_vectors(case):
    one = ours(content(case), case["keys"], case["held"])
    two = theirs(content(case), case["keys"], case["held"])
    found = {
        "log": one.head.origin,
        "from": one.first,
        "to": one.end,
        "size": one.head.size,
        "root": one.head.root.hex(),
        "heads": one.checkpoints,
        "chain_checked": one.chain_checked,
        "log_of_logs_size": one.logs.size if one.logs else None,
        "openings": one.openings,
        "in_period": one.in_period if one.period else None,
    }
    assert {name: case[name] for name in found} == found
    claim = two.claim
    assert found == {
        "log": claim["log"],
        "from": claim["from"],
        "to": claim["to"],
        "size": two.final["size"],
        "root": two.final["root"].hex(),
        "heads": len(two.heads),
        "chain_checked": two.chain_to > claim["from"] or claim["from"] == claim["to"],
        "log_of_logs_size": two.logs["size"] if two.logs else None,
        "openings": two.openings,
        "in_period": two.in_period if claim["period"] else None,
    }
    assert one.count == claim["to"] - claim["from"]
    assert "none missing" in next(one.lines())
    assert "none missing" in next(standalone.report(two))


@pytest.mark.parametrize("case", INDEX["invalid"], ids=lambda case: case["file"])
def test_invalid_vectors(case):
    with pytest.raises(Refused) as refused:
        ours(content(case), case["keys"], case["held"])
    with pytest.raises(standalone.Fault) as fault:
        theirs(content(case), case["keys"], case["held"])
    assert refused.value.step == fault.value.step == case["refused_at_step"]
    assert refused.value.message.startswith(f"Step {case['refused_at_step']}")


def test_vectors_are_what_the_tool_makes():
    wanted = dict(audit_vectors.files())
    there = {str(path.relative_to(VECTORS)): path.read_bytes() for path in VECTORS.rglob("*") if path.is_file()}
    assert sorted(there) == sorted(wanted)
    assert [name for name in there if there[name] != wanted[name]] == []


def test_every_step_of_the_spec_has_a_vector_that_breaks_it():
    assert {case["refused_at_step"] for case in INDEX["invalid"]} == set(range(1, 18))
    assert len(INDEX["invalid"]) == len(list(audit_attacks.invalid())) > 100


RICH = EXPORT(LOG, 5, 9, shown=True, logs=audit_exports.logs_proof(LOG.head(12, audit_attacks.at(12)))).encode()


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(RICH) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(at, change):
    changed = RICH[:at] + bytes([RICH[at] ^ change]) + RICH[at + 1 :]
    with pytest.raises(Refused):
        ours(changed)


def test_a_flipped_bit_in_every_byte_is_refused():
    ours(RICH)
    for at in range(len(RICH)):
        if not RICH[at] and at % 16:  # of the long runs of zeros every sixteenth will do
            continue
        changed = bytearray(RICH)
        changed[at] ^= 1 << at % 8
        with pytest.raises(Refused):
            ours(bytes(changed))


def test_a_flipped_bit_here_and_there_is_refused_by_the_stand_alone_verifier_too():
    theirs(RICH)
    for at in random.Random(7).sample(range(len(RICH)), 150):
        changed = bytearray(RICH)
        changed[at] ^= 1 << at % 8
        with pytest.raises(standalone.Fault):
            theirs(bytes(changed))


@given(st.integers(0, len(RICH) - 1))
def test_any_cut_is_refused(at):
    for check, fault in ((ours, Refused), (theirs, standalone.Fault)):
        with pytest.raises(fault) as found:
            check(RICH[:at])
        assert found.value.step == 1


def test_a_long_log_with_many_heads_and_odd_lines():
    log = audit_exports.Log(LOG.origin)
    for number in range(3000):
        odd = {"fields": {"text": "tab\t"}} if number % 97 == 0 else {}
        log.add(audit_exports.START + number, **odd)
    made = audit_exports.export(log, 0, 3000, size=3000, earlier=range(0, 3000, 250), times=lambda n: 2 * 10**15 + n)
    with pytest.raises(Refused, match="Step 9"):
        ours(made.encode())
    made = audit_exports.export(
        log, 0, 3000, size=3000, earlier=range(0, 3000, 250), times=lambda n: audit_exports.START + n
    )
    assert ours(made.encode()).checkpoints == len(theirs(made.encode()).heads) == 13


def test_the_stand_alone_verifier_is_one_file_of_plain_python():
    tree = ast.parse(STANDALONE.read_text("utf-8"), feature_version=(3, 9))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names


# ---- the command line


@pytest.fixture
def files(tmp_path):
    (tmp_path / "log.safehold-audit").write_bytes(RICH)
    (tmp_path / "bad.safehold-audit").write_bytes(RICH[:-1])
    proof = LOG.proof(3, LOG.head(12, audit_attacks.at(12)))
    (tmp_path / "one.tlog-proof").write_text(proof, "utf-8")
    (tmp_path / "bad.tlog-proof").write_text(proof.replace("index 3", "index 4"), "utf-8")
    (tmp_path / "key").write_text(PUBLIC + "\n", "utf-8")
    (tmp_path / "held").write_text(LOG.head(5, audit_attacks.at(5)).sign(KEY), "utf-8")
    return tmp_path


def test_command(files, capsys):
    lines = []
    file = str(files / "log.safehold-audit")
    assert verifier.main([file, "--key", PUBLIC, "--held", str(files / "held")], lines.append) == 0
    assert lines[0] == f"Verified: 4 events of {LOG.origin}, indexes 5 to 9, none missing."
    assert "Agrees with the checkpoint you hold, of size 5." in lines
    assert verifier.main([str(files / "one.tlog-proof"), "--key", str(files / "key")], lines.append) == 0
    assert lines[-1].encode() == LOG.events[3]
    for name in ("bad.safehold-audit", "bad.tlog-proof"):
        assert verifier.main([str(files / name), "--key", PUBLIC]) == 1
        assert "REFUSED" in capsys.readouterr().err
    assert verifier.main([str(files / "none"), "--key", PUBLIC]) == 2
    assert verifier.main([file, "--key", PUBLIC, "--held", file]) in {1, 2}


NO_KEYS = {
    "a+b+c": "No such file or directory",
    "": "Is a directory",
    "none": "expected a key, written name+id+base64, or a file with one",
    "one.tlog-proof": "one.tlog-proof",
    "log.safehold-audit": "log.safehold-audit",
    "bytes": "",
    ".": "Is a directory",
    PUBLIC.replace("+", "x+", 1): "the key's id",
}


@pytest.mark.parametrize("main", [verifier.main, standalone.main])
def test_a_key_is_text_or_a_file(files, capsys, monkeypatch, main):
    monkeypatch.chdir(files)
    (files / "bytes").write_bytes(b"\xff\xfe+")
    for key in (PUBLIC, f" {PUBLIC}\n", "key", str(files / "key")):
        assert main(["log.safehold-audit", "--key", key]) == 0
        assert main(["one.tlog-proof", "--key", key]) == 0
    for key, told in NO_KEYS.items():
        capsys.readouterr()
        assert main(["log.safehold-audit", "--key", key]) == 2
        said = capsys.readouterr().err
        assert "key" in said
        assert told.lower() in said.lower()
        assert said.count("\n") == 1


@pytest.mark.parametrize("main", [verifier.main, standalone.main])
def test_what_can_not_be_read_is_told_in_a_line(files, capsys, monkeypatch, main):
    monkeypatch.chdir(files)
    for arguments in (["none"], ["."], ["log.safehold-audit", "--held", "none"]):
        assert main([*arguments, "--key", PUBLIC]) == 2
        assert capsys.readouterr().err.startswith("Can't be read: ")


def test_stand_alone_command(files):
    def run(*options):
        command = [sys.executable, "-I", str(STANDALONE), *options]
        return subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)

    good = run("log.safehold-audit", "--key", PUBLIC, "--held", "held")
    assert (good.returncode, good.stderr) == (0, "")
    assert f"VERIFIED: 4 events of {LOG.origin}, indexes 5 to 9, none missing." in good.stdout
    assert "Agrees with the checkpoint you hold, of size 5." in good.stdout
    assert run("one.tlog-proof", "--key", PUBLIC).stdout.split("\n")[1].encode() == LOG.events[3]
    for name in ("bad.safehold-audit", "bad.tlog-proof"):
        bad = run(name, "--key", PUBLIC)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.startswith("REFUSED at step ")


def test_stand_alone_main_in_this_process(files, capsys, monkeypatch):
    monkeypatch.chdir(files)
    assert standalone.main(["log.safehold-audit", "--key", PUBLIC, "--held", "held"]) == 0
    assert standalone.main(["log.safehold-audit", "--key", PUBLIC]) == 0
    assert standalone.main(["one.tlog-proof", "--key", PUBLIC]) == 0
    assert standalone.main(["bad.safehold-audit", "--key", PUBLIC]) == 1
    assert "Keep its checkpoint" in capsys.readouterr().out


def test_reports_say_what_is_not_proved():
    text = "\n".join(ours(EXPORT(LOG, 3, 7, earlier=()).encode()).lines())
    assert "Not checked: the rolling chain" in text
    assert "Not checked: the log of logs" in text
    assert "Not checked: that it continues" in text
    period = next(case for case in INDEX["valid"] if case["file"].startswith("period."))
    assert "Complete for the period" in "\n".join(ours(content(period)).lines())
    assert "Complete for" in "\n".join(standalone.report(theirs(content(period))))
    unheaded = theirs(EXPORT(LOG, 3, 7, earlier=()).encode())
    assert "Not checked: the rolling chain" in "\n".join(standalone.report(unheaded))
    rich = "\n".join(ours(RICH).lines())
    assert "Named in the log of logs (size 2" in rich
    assert "match their commitments: 2" in rich


def test_moments_beyond_the_calendar_are_shown_as_numbers():
    assert verifier.report.moment(10**20) == f"{10**20} µs"
