"""Public examples, and the grader's side of bundles."""

from __future__ import annotations

import pytest

from graders import chores
from quizsite.submissions import bundles
from quizsite.submissions.models import Bundle, Submission
from tests.submissions.replays import (
    EXERCISE,
    Sent,
    checks,
    grade,
    run_once,
    unpacked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch) -> Sent:
    made = Sent()
    monkeypatch.setattr(bundles, "current_app", made)
    monkeypatch.setattr(bundles.transaction, "on_commit", lambda call, robust: call())
    return made


@pytest.fixture
def submission(bob) -> Submission:
    return run_once(bob)


class TestExamples:
    URL = "/exercises/tr_attention/examples.zip"

    def test_they_are_ordered_by_whoever_asks_first(self, client, sent):
        response = client.get(self.URL)
        assert response.headers["Location"] == "/exercises/tr_attention/"
        assert "ещё готовятся" in client.get("/exercises/tr_attention/").text
        grade(sent)
        files = unpacked(client.get(self.URL))
        assert checks(files) == {c.name for c in EXERCISE.checks if c.public}
        assert "dlq_helper.py" in files
        assert "solution.py" not in files

    def test_those_of_an_older_version_give_way(self, sent):
        old = Bundle.objects.create(
            key="old", exercise="tr_attention", exercise_digest="0" * 64
        )
        bundles.examples(exercise=EXERCISE)
        assert not Bundle.objects.filter(pk=old.pk).exists()

    def test_an_unknown_exercise_is_not_found(self, client):
        assert client.get("/exercises/none/examples.zip").status_code == 404


class TestTheGradersSide:
    def test_an_unknown_order_is_no_error(self):
        chores.bundle.apply(args=[0]).get()

    def test_a_worker_with_another_version_leaves_it(self, sent, caplog):
        made = bundles.examples(exercise=EXERCISE)
        Bundle.objects.update(exercise_digest="0" * 64)
        grade(sent)
        made.refresh_from_db()
        assert not made.is_ready and not made.problem
        assert "another version" in caplog.text

    def test_a_submission_that_was_graded_again_is_left(self, submission, sent):
        made = bundles.replay(submission=submission, exercise=EXERCISE)
        submission.report["seed"] = ""
        submission.save()
        grade(sent)
        made.refresh_from_db()
        assert not made.is_ready and not made.cases

    def test_a_second_delivery_changes_nothing(self, sent, monkeypatch):
        made = bundles.examples(exercise=EXERCISE)
        grade(sent)
        monkeypatch.setattr(chores, "make_bundle", pytest.fail)
        grade(sent)
        made.refresh_from_db()
        assert made.is_ready
