"""Regrading and restarting through the API, for those who run the site."""

from __future__ import annotations

import pytest

from quizsite.submissions import queue, regrading
from quizsite.submissions.models import Regrade, Stage, State
from tests.api.conftest import Api, assert_problem
from tests.factories import SubmissionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Silent:
    """A broker that takes every message and does nothing."""

    def send_task(self, name: str, **more: object) -> None:
        return None


@pytest.fixture(autouse=True)
def _silent(monkeypatch):
    for module in (queue, regrading):
        monkeypatch.setattr(module, "current_app", Silent())


@pytest.fixture
def staff(db) -> Api:
    return Api(UserFactory(username="staff", is_staff=True))


def done(user, verdict="wrong_answer"):
    return SubmissionFactory(
        user=user, state=State.DONE, verdict=verdict, score=0.0, report={"seed": "5e"}
    )


def test_staff_starts_a_dry_run_and_reads_it(staff, bob):
    done(bob)
    answer = staff.post("regrades/", {"exercise": "tr_attention"})
    assert answer.status == 202
    assert answer.headers["Location"] == answer.json["address"]
    assert staff.get(answer.json["address"]).json["summary"]["total"] == 1
    assert len(staff.get("regrades/").json["results"]) == 1


def test_an_unknown_exercise_is_refused(staff):
    assert_problem(staff.post("regrades/", {"exercise": "no_such"}), 422, "invalid")


def test_what_still_runs_cannot_be_committed(staff, bob):
    done(bob)
    made = staff.post("regrades/", {"exercise": "tr_attention"}).json
    assert staff.post(f"{made['address']}commit/").status == 409


def test_what_is_ready_is_committed_once(staff):
    made = staff.post("regrades/", {"exercise": "tr_attention"}).json  # nothing to do
    commit = f"{made['address']}commit/"
    assert staff.post(commit).json == {"written": 0}
    assert Regrade.objects.get().stage == Stage.COMMITTED
    assert staff.post(commit).status == 409


def test_staff_restarts_what_failed_by_our_fault_only(staff, bob):
    ours, theirs = done(bob, "system_error"), done(bob)
    assert staff.post(f"submissions/{ours.pk}/restart/").json["state"] == "queued"
    assert staff.post(f"submissions/{theirs.pk}/restart/").status == 409


def test_strangers_and_tokens_without_the_scope_are_refused(charlies, bob):
    row = done(bob, "system_error")
    made = Regrade.objects.create(exercise="tr_attention", exercise_digest="x")
    for path in (f"regrades/{made.pk}/commit/", f"submissions/{row.pk}/restart/"):
        assert charlies.post(path).status == 404
    assert charlies.post("regrades/", {"exercise": "tr_attention"}).status == 404
    assert charlies.get("regrades/").status == 404
    assert charlies.get(f"regrades/{made.pk}/").status == 404
    reader = Api(UserFactory(is_staff=True), scopes=["read"])
    assert reader.post("regrades/", {"exercise": "tr_attention"}).status == 403
