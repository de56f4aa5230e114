"""The caller's own review and calibration."""

from __future__ import annotations

from quizsite.quizzes.models import Attempt
from tests.api.conftest import Api
from tests.learning.test_cards import later, take


def test_the_days_questions_are_told_and_started(quiz, bob, bobs, monkeypatch):
    take(quiz, bob, wrong=("q1",))
    later(monkeypatch, 3)
    told = bobs.get("learning/").json
    assert told["today"] == [
        {"chapter": "transformer", "title": "Квиз", "questions": 1}
    ]
    assert [level["certainty"] for level in told["calibration"]] == [1, 2, 3]
    reply = bobs.post("learning/transformer/review/")
    assert reply.status == 201
    [review] = Attempt.objects.filter(is_review=True)
    assert reply.json["id"] == str(review.pk)
    asked = bobs.get(f"attempts/{review.pk}/").json["questions"]
    assert len(asked) == 1


def test_nothing_due_is_a_conflict(quiz, bobs):
    reply = bobs.post("learning/transformer/review/")
    assert (reply.status, reply.json["code"]) == (409, "nothing_due")


def test_a_stranger_gets_their_own_and_no_bobs(quiz, bob, charlies, monkeypatch):
    take(quiz, bob, wrong=("q1",))
    later(monkeypatch, 3)
    assert charlies.get("learning/").json["today"] == []
    assert charlies.post("learning/transformer/review/").status == 409


def test_a_guest_is_refused(db, client):
    assert client.get("/api/v1/learning/").status_code in (401, 403)
    assert client.post("/api/v1/learning/x/review/").status_code in (401, 403)


def test_a_token_that_may_only_read_starts_nothing(quiz, bob, monkeypatch):
    take(quiz, bob, wrong=("q1",))
    later(monkeypatch, 3)
    reply = Api(bob, scopes=["read"]).post("learning/transformer/review/")
    assert reply.status == 403
