"""Exceptions for single students: granted by those who teach them, and nobody else."""

from __future__ import annotations

import pytest

from quizsite.courses.models import ItemKind, Override
from tests.api.conftest import Api, assert_problem
from tests.factories import AssignmentFactory

LIST = "courses/alices/assignments/quiz/transformer/overrides/"
BOBS = f"{LIST}bob/"


@pytest.fixture
def alices(alice) -> Api:
    return Api(alice)


@pytest.fixture
def assignment(course, quiz):
    return AssignmentFactory(
        course=course, kind=ItemKind.QUIZ, item="transformer", max_attempts=1
    )


def test_an_instructor_grants_and_takes_back(alices, assignment, alice):
    said = alices.put(BOBS, {"time_factor": 1.5, "reason": "Справка"})
    assert said.status == 200
    assert (said.json["student"], said.json["time_factor"]) == ("bob", 1.5)
    assert Override.objects.get().granted_by == alice
    (listed,) = alices.get(LIST).json["results"]
    assert listed == said.json
    assert alices("delete", BOBS).status == 204
    assert alices.get(LIST).json["results"] == []


def test_what_is_absent_is_as_for_everybody(alices, assignment):
    alices.put(BOBS, {"extra_attempts": 2, "extra_minutes": 5})
    said = alices.put(BOBS, {"extra_attempts": 3}).json
    assert (said["extra_attempts"], said["extra_minutes"]) == (3, 0)


def test_it_is_what_holds_for_the_student(alices, bobs, assignment):
    new = {"chapter": "transformer", "course": "alices"}
    first = bobs.post("attempts/", new).json
    bobs.post(f"{first['address']}finish/")
    assert_problem(bobs.post("attempts/", new), 409, "conflict")
    alices.put(BOBS, {"extra_attempts": 1})
    assert bobs.post("attempts/", new).status == 201


def test_an_exercise_may_have_another_deadline(alices, course, bob):
    AssignmentFactory(course=course)
    path = "courses/alices/assignments/exercise/tr_attention/overrides/bob/"
    said = alices.put(path, {"due_at": "2027-01-01T00:00:00+03:00"})
    assert said.json["due_at"] == "2027-01-01T00:00:00+03:00"


@pytest.mark.parametrize(
    "moot", [{"extra_attempts": 1}, {"closes_at": "2027-01-01T00:00:00+03:00"}]
)
def test_an_exercise_has_no_other_terms_to_change(alices, course, moot):
    AssignmentFactory(course=course)
    path = "courses/alices/assignments/exercise/tr_attention/overrides/bob/"
    said = alices.put(path, {"time_factor": 1, **moot})
    assert_problem(said, 422, "invalid")
    pointers = {error["pointer"] for error in said.json["errors"]}
    assert pointers == {f"#/{name}" for name in moot}
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"time_factor": 0.5},
        {"time_factor": "nan"},
        {"extra_minutes": -1},
        {"extra_attempts": "many"},
        {"due_at": "yesterday"},
        {"reason": "x" * 201},
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(alices, assignment, body):
    assert_problem(alices.put(BOBS, body), 422, "invalid")
    assert not Override.objects.exists()


def test_nobody_else_grants_or_looks(bobs, charlies, assignment, alices):
    alices.put(BOBS, {"extra_attempts": 1})
    for stranger in (bobs, charlies):
        assert_problem(stranger.get(LIST), 404, "not-found")
        assert_problem(stranger.put(BOBS, {"extra_attempts": 9}), 404, "not-found")
        assert_problem(stranger("delete", BOBS), 404, "not-found")
    assert Override.objects.get().extra_attempts == 1


def test_it_takes_the_right_to_manage(alice, assignment):
    reader = Api(alice, scopes=["read", "attempts"])
    assert reader.get(LIST).status == 200
    assert_problem(reader.put(BOBS, {"extra_attempts": 1}), 403, "forbidden")


@pytest.mark.parametrize("who", ["charlie", "alice", "nobody"])
def test_only_the_courses_students_are_granted_anything(
    alices, assignment, charlie, who
):
    assert_problem(alices.put(f"{LIST}{who}/", {}), 404, "not-found")


def test_what_was_not_granted_is_not_taken_back(alices, assignment):
    assert_problem(alices("delete", BOBS), 404, "not-found")
