"""Behaviours, revisions and the review matrix through the API: as on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from quizsite.courses.models import ItemKind
from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from quizsite.quizzes.services import take_hint
from tests.api.conftest import SECRET, Api, assert_problem
from tests.factories import AssignmentFactory

HOUR = timedelta(hours=1)


def start(api, **how):
    return api.post("attempts/", {"chapter": "transformer", **how})


@pytest.fixture
def practice(bobs, quiz):
    return start(bobs, behaviour="practice").json


@pytest.fixture
def assigned(course, quiz):
    def assigned(**terms):
        return AssignmentFactory(
            course=course, kind=ItemKind.QUIZ, item="transformer", **terms
        )

    return assigned


def answers(attempt, position: int) -> str:
    return f"{attempt['address']}answers/{position}/"


def key_of(attempt, position: int) -> object:
    responses = Response.objects.select_related("attempt", "version")
    return responses.get(attempt=attempt["id"], position=position).variant.key


# --- starting -------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["practice", "test", "cbm"])
def test_one_starts_as_one_chooses(bobs, quiz, behaviour):
    started = start(bobs, behaviour=behaviour, asks_certainty=True)
    assert started.status == 201
    said = {name: started.json[name] for name in ("behaviour", "asks_certainty")}
    assert said == {"behaviour": behaviour, "asks_certainty": True}
    assert started.json["course"] is None


@pytest.mark.parametrize("behaviour", ["exam", "adaptive", None, 1])
def test_one_does_not_start_as_nobody_may(bobs, quiz, behaviour):
    assert_problem(start(bobs, behaviour=behaviour), 422, "invalid")


def test_for_a_course_its_terms_hold(bobs, assigned):
    assigned(behaviour="exam", time_limit=30)
    started = start(bobs, course="alices", behaviour="practice").json
    assert (started["behaviour"], started["course"]) == ("exam", "alices")
    assert 1700 < started["seconds_left"] <= 1800


def test_who_does_not_study_there_starts_nothing(charlies, assigned):
    assigned()
    assert_problem(start(charlies, course="alices"), 404, "not-found")


def test_the_rules_refuse_as_on_the_page(bobs, assigned):
    assigned(closes_at=timezone.now() - HOUR)
    refused = start(bobs, course="alices")
    assert_problem(refused, 409, "conflict")
    assert "закрыт" in refused.json["detail"]


# --- revisions ------------------------------------------------------------------------


def test_an_answer_builds_on_a_revision(bobs, practice):
    first = bobs.put(answers(practice, 3), {"answer": "0.5", "revision": 0}).json
    assert (first["revision"], first["outcome"], first["other"]) == (1, "stored", None)
    again = bobs.put(answers(practice, 3), {"answer": "0.5", "revision": 0}).json
    assert (again["revision"], again["outcome"]) == (1, "unchanged")


def test_two_programs_lose_nothing(bobs, practice):
    bobs.put(answers(practice, 8), {"answer": "one", "revision": 0})
    two = bobs.put(answers(practice, 8), {"answer": "two", "revision": 0}).json
    assert (two["outcome"], two["other"]["answer"]) == ("replaced", "one")
    old = {"answer": "three", "revision": 0, "age_ms": 10**9}
    three = bobs.put(answers(practice, 8), old).json
    assert (three["outcome"], three["other"]["answer"]) == ("aside", "two")
    kept = ResponseRevision.objects.values_list("answer", flat=True)
    assert set(kept) == {"one", "two", "three"}


def test_certainty_and_the_flag_stay_unless_said_otherwise(bobs, practice):
    bobs.put(answers(practice, 3), {"answer": "1", "certainty": 2, "flagged": True})
    bobs.put(answers(practice, 3), {"answer": "2"})
    asked = bobs.get(practice["address"]).json["questions"][2]
    assert (asked["certainty"], asked["flagged"], asked["revision"]) == (2, True, 2)
    bobs.put(answers(practice, 3), {"answer": "2", "certainty": None, "flagged": False})
    asked = bobs.get(practice["address"]).json["questions"][2]
    assert (asked["certainty"], asked["flagged"]) == (None, False)


@pytest.mark.parametrize(
    "extra",
    [
        {"certainty": 0},
        {"certainty": 4},
        {"certainty": "sure"},
        {"revision": -1},
        {"revision": "x"},
        {"age_ms": -1},
        {"age_ms": 10**30},
    ],
)
def test_nonsense_beside_the_answer_is_refused(bobs, practice, extra):
    refused = bobs.put(answers(practice, 3), {"answer": "1", **extra})
    assert_problem(refused, 422, "invalid")
    assert refused.json["errors"][0]["pointer"] == f"#/{next(iter(extra))}"
    assert not ResponseRevision.objects.exists()


def test_a_late_answer_is_laid_aside(bobs, assigned):
    assigned(time_limit=30)
    attempt = start(bobs, course="alices").json
    Attempt.objects.update(deadline=timezone.now() - HOUR / 2)
    refused = bobs.put(answers(attempt, 3), {"answer": "1"})
    assert_problem(refused, 409, "conflict")
    assert Attempt.objects.get().timed_out


# --- practice -------------------------------------------------------------------------


def test_a_wrong_answer_is_explained_but_not_solved(bobs, practice):
    bobs.put(answers(practice, 3), {"answer": "0,5"})
    said = bobs.post(f"{answers(practice, 3)}check/").json
    assert (said["mark"], said["hints"], said["wrong_tries"]) == (0, [SECRET], 1)
    assert (said["right_answer"], said["explanation"]) == (None, None)
    assert not said["settled"]


def test_a_right_answer_is_worth_what_the_tries_left(bobs, practice):
    for answer in ("0,5", "0.5", "0,25"):
        bobs.put(answers(practice, 3), {"answer": answer})
        said = bobs.post(f"{answers(practice, 3)}check/").json
    assert said["points"] == pytest.approx(2 / 3)
    assert said["settled"] and said["explanation"] == f"{SECRET}!"
    asked = bobs.get(practice["address"]).json["questions"][2]
    assert asked["practice"] == said


def test_giving_up_shows_the_answer_and_takes_no_other(bobs, practice):
    said = bobs.post(f"{answers(practice, 1)}reveal/").json
    assert said["right_answer"] == key_of(practice, 1)
    assert said["points"] is None or said["points"] == 0
    late = bobs.put(answers(practice, 1), {"answer": said["right_answer"]})
    assert_problem(late, 409, "conflict")


def test_what_cannot_be_checked_says_why(bobs, practice):
    refused = bobs.post(f"{answers(practice, 1)}check/")
    assert_problem(refused, 409, "conflict")
    assert refused.json["detail"] == "Сначала ответьте."


def test_hints_are_counted(bobs, practice):
    said = bobs.post(f"{answers(practice, 1)}hint/").json
    assert (said["hints_given"], said["hints_left"]) == ([], 0)


@pytest.mark.parametrize("what", ["check", "hint", "reveal"])
@pytest.mark.parametrize("behaviour", ["test", "cbm"])
def test_a_test_gives_nothing_away(bobs, quiz, what, behaviour):
    attempt = start(bobs, behaviour=behaviour).json
    bobs.put(answers(attempt, 3), {"answer": "0,5"})
    refused = bobs.post(f"{answers(attempt, 3)}{what}/")
    assert_problem(refused, 409, "conflict")
    assert SECRET not in refused.text
    assert SECRET not in bobs.get(attempt["address"]).text


@pytest.mark.parametrize("what", ["check", "hint", "reveal"])
def test_anothers_practice_does_not_exist(charlies, practice, what):
    refused = charlies.post(f"{answers(practice, 1)}{what}/")
    assert_problem(refused, 404, "not-found")


def test_checking_needs_a_right(bob, practice):
    refused = Api(bob, scopes=["read"]).post(f"{answers(practice, 1)}check/")
    assert_problem(refused, 403, "forbidden")


def test_a_hint_on_the_page_is_a_hint_here(bobs, practice):
    response = Response.objects.select_related("attempt", "version").first()
    take_hint(response=response)
    assert (
        bobs.get(practice["address"]).json["questions"][0]["practice"]["checked"]
        is False
    )


# --- the review -----------------------------------------------------------------------


@pytest.fixture
def exam(bobs, assigned):
    assigned(behaviour="exam", closes_at=timezone.now() + HOUR)
    attempt = start(bobs, course="alices").json
    bobs.put(answers(attempt, 3), {"answer": "0,5"})
    return attempt


def test_finishing_an_exam_tells_nothing(bobs, exam):
    said = bobs.post(f"{exam['address']}finish/").json
    nothing = {"score": None, "max_score": None, "unmarked": None}
    assert said == {"shown": [], **nothing, "questions": []}


def test_before_the_exam_is_closed_its_review_is_refused(bobs, exam):
    bobs.post(f"{exam['address']}finish/")
    assert_problem(bobs.get(f"{exam['address']}result/"), 409, "conflict")
    for path in (exam["address"], "attempts/", "grades/"):
        said = bobs.get(path)
        assert SECRET not in said.text
        assert "0,5" not in said.text
    (listed,) = bobs.get("attempts/").json["results"]
    assert (listed["score"], listed["max_score"]) == (None, None)
    (grade,) = bobs.get("grades/").json[0]["grades"]
    assert (grade["hidden"], grade["share"]) == (True, None)


def test_after_it_everything_is_shown(bobs, exam, monkeypatch):
    bobs.post(f"{exam['address']}finish/")
    later = timezone.now() + 2 * HOUR
    monkeypatch.setattr(timezone, "now", lambda: later)
    said = bobs.get(f"{exam['address']}result/").json
    assert said["shown"] == ["answer", "mark", "hints", "key", "explanation"]
    assert said["questions"][2]["hints"] == [SECRET]
    assert bobs.get("attempts/").json["results"][0]["score"] == 0


def test_a_part_of_the_matrix_shows_a_part(bobs, assigned):
    assigned(review={"just_after": ["mark"], "later": ["mark"]})
    attempt = start(bobs, course="alices").json
    bobs.put(answers(attempt, 3), {"answer": "0,5"})
    said = bobs.post(f"{attempt['address']}finish/").json
    assert said["shown"] == ["mark"]
    third = said["questions"][2]
    assert (third["mark"], third["answer"], third["right_answer"]) == (0, None, None)
    assert SECRET not in str(said)


def test_certainty_is_weighed_as_on_the_page(bobs, quiz):
    attempt = start(bobs, behaviour="cbm").json
    bobs.put(answers(attempt, 3), {"answer": "0,25", "certainty": 3})
    bobs.put(answers(attempt, 4), {"answer": "(9, 9)", "certainty": 2})
    said = bobs.post(f"{attempt['address']}finish/").json
    points = [one["points"] for one in said["questions"]]
    assert points[2:4] == [1, pytest.approx(-2 / 3)]
    assert said["score"] == pytest.approx(1 / 3)
