"""A whole installation, from `safehold up --demo` to `safehold down`, as its owner meets it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator

import pytest

from support.demo import Demo, running_demo
from support.https import Surfer
from support.installations import eventually, home_for_up
from support.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KEPT = (
    *("ISO-1", "ISO-2", "ISO-3", "ISO-4", "ISO-5", "ACC-1", "ACC-2", "ACC-3", "IDN-1", "IDN-3"),
    *("ENC-1", "ENC-2", "ENC-3", "AUD-1", "AUD-2", "AUD-3"),
)
"""What a running installation has to show as kept."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running
        assert running.runner.safehold("down").stdout == "Stopped.\n"
        assert running.runner.processes() == []


@pytest.fixture(scope="module")
def owner(demo: Demo) -> Surfer:
    return demo.signed_in("owner")


def kind_of(path: str) -> str:
    """One record, event or field stands for all."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/fields/)[^/]+|(?<=/collections/)[^/]+", "*", path)


class TestTheDemo:
    def test_prints_how_to_sign_in_as_everybody(self, demo):
        assert len(demo.people) == 14
        roles = {"owner", "admin", "manager", "accountant", "hr", "viewer", "employee"}
        for slug in ("nordhavn", "birchvale"):
            assert {role for (of, role) in demo.people if of == slug} == roles
        assert {person.role for person in demo.people.values() if person.needs_code} == {"owner", "admin"}

    def test_the_command_beside_an_owner_works_as_it_is_printed(self, demo):
        line = next(line for line in demo.welcome.splitlines() if "olga@nordhavn.example" in line)
        clean = {"PATH": os.environ["PATH"]}
        told = line.partition("then: ")[2]
        # From the folder in which it was printed, as a shell takes it; the home's path has a space.
        done = subprocess.run(["/bin/sh", "-c", told], cwd="/", env=clean, capture_output=True, text=True, check=False)
        assert re.fullmatch(r"\d{6}\n", done.stdout), done.stderr

    def test_a_password_alone_is_not_enough_for_an_owner(self, demo):
        person, surfer = demo.person("owner"), demo.surfer()
        answer = surfer.sign_in(person.email, person.password)
        assert answer.url.endswith("/account/sign-in/code/")
        assert "/account/sign-in/" in surfer.get("/t/nordhavn/").url

    def test_a_wrong_code_is_not_enough_either(self, demo):
        person, surfer = demo.person("admin"), demo.surfer()
        assert surfer.sign_in(person.email, person.password, "000000").url.endswith("/account/sign-in/code/")
        assert "/account/sign-in/" in surfer.get("/t/nordhavn/").url

    def test_an_owner_opens_every_page_of_the_workspace(self, owner):
        seen, waiting = set(), ["/t/nordhavn/"]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            answer = owner.get(path)
            assert answer.status == 200, f"{path}: {answer.words[:500]}"
            links = set(re.findall(r'href="(/t/nordhavn/[^"?#]*)"', answer.text)) - seen - set(waiting)
            kinds = {kind_of(known) for known in (*seen, *waiting)}
            waiting += {kind_of(link): link for link in links if kind_of(link) not in kinds}.values()
        assert len(seen) >= 15, sorted(seen)

    def test_nobody_opens_another_company(self, demo, owner):
        assert owner.get("/t/birchvale/").status == 404
        assert demo.signed_in("hr", "birchvale").get("/t/nordhavn/collections/employees/").status == 404

    def test_hr_sees_salaries_and_a_viewer_has_no_such_column(self, demo):
        path = "/t/nordhavn/collections/employees/?columns=name&columns=salary&columns=address"
        assert "Salary" in demo.signed_in("hr").get(path).words
        seen = demo.signed_in("viewer").get(path).words
        assert "Salary" not in seen
        assert "Address" not in seen


class TestProof:
    @pytest.fixture(scope="class")
    @classmethod
    def proven(cls, demo):
        """All checks, run by the command."""
        done = demo.runner.safehold("prove", "--json")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        return json.loads(done.stdout)["promises"]

    def test_every_promise_on_the_list_is_kept(self, proven):
        found = {row["id"]: row for row in proven}
        assert {id_: found[id_]["summary"] for id_ in KEPT if found[id_]["result"] != "kept"} == {}

    @pytest.mark.usefixtures("proven")
    def test_visitors_read_the_same_on_the_trust_page(self, demo):
        visitor = demo.surfer()
        register = json.loads(visitor.get("/trust/register.json").text)
        assert set(KEPT) <= {row["id"] for row in register["promises"] if row["result"] == "kept"}
        for promise in ("ISO-1", "ENC-1", "PRV-1"):
            assert visitor.get(f"/trust/{promise}/").status == 200

    def test_the_log_verifies_without_the_installation(self, demo, tmp_path):
        file, key = tmp_path / "log.safehold-audit", tmp_path / "key.pub"
        done = demo.runner.safehold("audit", "export", "nordhavn", "-o", str(file))
        assert done.returncode == 0, done.stderr
        key.write_bytes((demo.runner.home / "anchors" / "checkpoint.pub").read_bytes())
        verify(file, key)


def verify(file, key) -> str:
    """`safehold verify` with the file and the key, and nothing else."""
    command = [sys.executable, "-P", "-m", "safehold", "verify", str(file), "--key", str(key)]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestKilledDuringAnImport:
    """`kill -9` of any process while rows go in: what was acknowledged is there afterwards, once."""

    ROWS = 12_000

    def csv(self) -> bytes:
        rows = (f"{number},Person {number},{number}@example.com,{number % 97}.50" for number in range(self.ROWS))
        return "\n".join(["code,name,email,amount", *rows]).encode()

    def started(self, owner: Surfer, label: str) -> str:
        """The address of an import whose file was taken and that waits for its turn: this much is acknowledged."""
        preview = owner.post("/t/nordhavn/new-import/", {"label": label}, file=("people.csv", self.csv()))
        assert "This file can be imported" in preview.words, preview.words
        begun = owner.post(f"{preview.url}start/", page=preview.url)
        assert "Waiting for its turn" in begun.words or "Storing rows" in begun.words, begun.words
        return preview.url

    @pytest.mark.parametrize("name", ["worker", "database", "web", "sealer"])
    def test_it_is_stored_once_and_whole(self, demo, owner, name):
        runner, label = demo.runner, f"Killed {name}"
        before = runner.pid(name)
        at = self.started(owner, label)
        if name != "web":
            eventually(lambda: "Storing rows" in owner.get(at).words)
        os.kill(before, signal.SIGKILL)

        def is_done() -> bool:
            try:
                words = owner.get(at).words
            except OSError:  # the web process, or what stands behind it, is on its way back
                return False
            assert "Nothing of this file was stored" not in words, words
            return f"{self.ROWS} records of people.csv stand in {label}" in words

        eventually(is_done, seconds=180)
        assert runner.pid(name) != before
        done = runner.safehold("export", "nordhavn", "-o", str(runner.home / "all.zip"), "--force")
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(runner.home / "all.zip") as archive:
            lines = io.BytesIO(archive.read(f"killed-{name}.csv")).read().decode().splitlines()
        assert len(lines) == self.ROWS + 1
        assert len({line.split(",")[0] for line in lines[1:]}) == self.ROWS

    def test_and_the_log_still_verifies(self, demo, tmp_path):
        file, key = tmp_path / "log.safehold-audit", demo.runner.home / "anchors" / "checkpoint.pub"
        eventually(lambda: demo.runner.safehold("prove", "AUD").returncode == 0, seconds=120)
        assert demo.runner.safehold("audit", "export", "nordhavn", "-o", str(file)).returncode == 0
        verify(file, key)


def test_an_old_home_on_another_port_is_found_by_every_command() -> None:
    with home_for_up() as runner:
        assert runner.up().returncode == 0
        assert runner.safehold("down").returncode == 0
        runner.port = free_port()
        assert runner.up().returncode == 0
        done = runner.safehold("prove", "ENC-1", "ENC-2", "--json")
        assert {row["id"]: row["result"] for row in json.loads(done.stdout)["promises"]} == {
            "ENC-1": "kept",
            "ENC-2": "kept",
        }
