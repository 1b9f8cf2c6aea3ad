"""The command line of anchors."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import factories
from support.timestamping import TimeAuthority
from support.witnesses import Witness

pytestmark = pytest.mark.usefixtures("installation")


def run(*arguments: str) -> str:
    from safehold.foundation.anchors.cli import anchors

    done = CliRunner().invoke(anchors, arguments)
    assert done.exit_code == 0, f"{done.output}{done.exception!r}"
    return done.output


def test_from_nobody_to_a_witness_and_back(receiver, sealer, grow, tenant, tmp_path):
    from safehold.foundation.audit.signing import published_keys

    assert "Nobody outside holds a head" in run("list")
    made = Witness()
    (key,) = published_keys(sealer.place)
    made.trust(f"{key.name}/logs", key.public)
    receiver.reply = lambda heard: made.answer(heard.body)
    grow(tenant)
    place = run("witness", receiver.url, "--key", made.text).split()[1].rstrip(".")
    assert run("give") == "1 taken.\n"
    assert "witness     holds " in run("list")
    assert f"— {made.name} " in run("checkpoint")
    assert "Written" in run("receipt", place, "-o", str(tmp_path / "receipt"))
    assert (tmp_path / "receipt.checkpoint").read_text() in run("checkpoint")
    assert run("end", place) == "Ended.\n"


def test_a_workspaces_own(receiver, grow):
    tenant = factories.make_tenant()
    grow(factories.system(tenant))
    said = run("webhook", receiver.url, "--tenant", tenant.slug)
    assert "signed with whsec_" in said
    run("mail", "keeper@example.com", "--tenant", tenant.slug)
    run("give")
    assert "webhook     holds" in run("list", "--tenant", tenant.slug)


def test_a_time_authority(receiver, grow, tenant, tmp_path):
    stamper = TimeAuthority(tmp_path / "tsa")
    receiver.reply = lambda heard: (200, {}, stamper.answer(heard.body))
    grow(tenant)
    place = run("time-stamp", receiver.url, "--authority", str(tmp_path / "tsa" / "root.pem")).split()[1].rstrip(".")
    run("give")
    run("receipt", place, "-o", str(tmp_path / "stamp.tsr"))
    assert stamper.holds((tmp_path / "stamp.tsr.checkpoint").read_bytes(), (tmp_path / "stamp.tsr").read_bytes())
