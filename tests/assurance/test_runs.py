"""Running checks, keeping what they found, and showing it."""

from __future__ import annotations

import hashlib
import json

import psycopg
import pytest
from django.db import Error, connection
from django.test import Client

from factories import PLATFORM_SCOPE
from safehold.assurance import flows, registry, runner, selectors
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Invalid, Unavailable
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Check, Finding, ProbeContext, Promise, Result, broken, kept, unproven

pytestmark = pytest.mark.database


def entry(*findings: Finding | Exception) -> registry.Entry:
    def run(finding: Finding | Exception):
        def check(_: ProbeContext) -> Finding:
            if isinstance(finding, Exception):
                raise finding
            return finding

        return check

    checks = tuple(Check("ISO-1", f"check-{number}", run(finding)) for number, finding in enumerate(findings))
    return registry.Entry(Promise("ISO-1", "A title", "A text of some length."), checks)


def outcome_of(*findings: Finding | Exception) -> runner.Outcome:
    return next(iter(runner.prove([entry(*findings)])))


@pytest.mark.usefixtures("installation")
class TestProving:
    def test_without_a_check_a_promise_is_unproven(self):
        assert outcome_of().result is Result.UNPROVEN

    def test_the_worst_check_decides(self):
        found = outcome_of(kept("Fine."), broken("Row 7 is open.", row=7), unproven("Nothing there."))
        assert (found.result, found.summary) == (Result.BROKEN, "Row 7 is open.")
        assert found.evidence["check-1"] == {"result": "broken", "summary": "Row 7 is open.", "row": 7}

    def test_a_check_that_cannot_run_is_broken_and_tells_visitors_nothing_inside(self):
        found = outcome_of(RuntimeError("password=hunter2"), kept("Fine."))
        assert found.result is Result.BROKEN
        assert "hunter2" not in json.dumps(found.evidence) + found.summary
        assert found.summary == "This could not be checked: check-0 stopped (RuntimeError)."
        assert found.crashed

    def test_an_error_of_ours_is_told_in_its_words(self):
        found = outcome_of(Unavailable("The store is away."))
        assert "away" in found.summary
        assert not found.crashed

    def test_promises_are_chosen_by_id_and_area_in_any_case(self):
        assert [e.promise.id for e in runner.choose(["iso-2", "SUB"])][:2] == ["ISO-2", "SUB-1"]

    def test_an_unknown_promise_is_named(self):
        with pytest.raises(Invalid) as refused:
            runner.choose(["ISO-99"])
        assert "ISO-99" in str(refused.value.problems[0])


def digest_of(evidence: object):
    text = json.dumps(evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode())


def keep(*outcomes: runner.Outcome):
    with scoped(PLATFORM_SCOPE):
        return flows.keep_run(scope=PLATFORM_SCOPE, cause="command", started_at=now(), outcomes=outcomes)


@pytest.mark.usefixtures("installation")
class TestKeeping:
    def test_the_last_result_and_the_history_are_shown(self):
        keep(outcome_of(broken("Open.")))
        keep(outcome_of(kept("Closed.")))
        assert selectors.standing("iso-1").result is Result.KEPT
        assert [row.result for row in selectors.history("ISO-1", limit=2)] == ["kept", "broken"]

    def test_the_digest_is_of_the_evidence(self):
        found = outcome_of(kept("Closed.", rows=3, seconds=0.25, names=["é", "a b"]))
        keep(found)
        stored = selectors.history("ISO-1", limit=1)[0]
        assert bytes(stored.digest) == digest_of(stored.evidence).digest()

    @pytest.mark.parametrize("table", ["assurance_run", "assurance_result"])
    @pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
    def test_results_are_never_changed(self, installation: Installation, table: str, statement: str):
        keep(outcome_of(kept("Closed.")))
        owner = installation.login("owner")
        with psycopg.connect(
            host=owner.host, port=owner.port, dbname=owner.name, user=owner.user, password=owner.password
        ) as apart:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                apart.execute(statement.format(table))
            apart.rollback()
        with pytest.raises(Error), scoped(PLATFORM_SCOPE), connection.cursor() as cursor:
            cursor.execute(statement.format(table))


@pytest.mark.usefixtures("installation")
class TestTrustPage:
    def get(self, path: str, status: int = 200) -> str:
        response = Client(HTTP_HOST="localhost").get(path, secure=True)
        assert response.status_code == status
        return response.content.decode()

    def test_visitors_see_every_promise(self):
        page = self.get("/trust/")
        assert all(f"{promise} ·" in page for promise in registry.register())

    def test_one_state_only(self):
        keep(outcome_of(kept("Closed.")))
        page = self.get("/trust/?state=kept")
        assert "ISO-1 ·" in page
        assert "PPL-6 ·" not in page

    def test_an_unknown_state_shows_an_empty_list_and_a_way_back(self):
        assert 'href="/trust/"' in self.get("/trust/?state=nonsense")

    def test_a_promise_shows_its_evidence_and_the_command_that_repeats_it(self):
        keep(outcome_of(kept("All 41 tables are closed.", tables=41)))
        page = self.get("/trust/ISO-1/")
        assert "All 41 tables are closed." in page
        assert "safehold prove ISO-1" in page

    def test_evidence_as_json(self):
        keep(outcome_of(kept("Closed.", tables=41)))
        found = json.loads(self.get("/trust/ISO-1.json"))
        assert found["evidence"]["check-0"]["tables"] == 41
        assert found["digest"] == digest_of(found["evidence"]).hexdigest()
        everything = json.loads(self.get("/trust/register.json"))["promises"]
        assert {row["id"] for row in everything} == set(registry.register())

    def test_an_unknown_promise_is_not_found(self):
        assert "SUB-99" in self.get("/trust/SUB-99/", status=404)
