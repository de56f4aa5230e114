from __future__ import annotations

import pytest

from quizsite.courses.models import GradeEvent
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.services import (
    AttemptFinished,
    TooLong,
    finish_attempt,
    load_quizzes,
    responses_of,
    save_answer,
    self_check,
    start_attempt,
)
from tests.quizzes.conftest import NUMBER, answer_all, write_quiz

pytestmark = pytest.mark.django_db


def response(attempt: Attempt, position: int) -> Response:
    return responses_of(attempt)[position - 1]


def test_an_attempt_has_every_question_and_a_seed_of_its_own(quiz, bob, charlie):
    first = start_attempt(quiz=quiz, user=bob, guest_key="")
    second = start_attempt(quiz=quiz, user=charlie, guest_key="")
    assert first.responses.count() == quiz.questions.count()
    assert len(bytes(first.seed)) == 16
    assert bytes(first.seed) != bytes(second.seed)


def test_a_running_attempt_is_continued(quiz, bob):
    first = start_attempt(quiz=quiz, user=bob, guest_key="")
    assert start_attempt(quiz=quiz, user=bob, guest_key="") == first
    assert Attempt.objects.count() == 1


def test_after_finishing_a_new_one_may_be_started(attempt, quiz, bob):
    finish_attempt(attempt=attempt)
    assert start_attempt(quiz=quiz, user=bob, guest_key="") != attempt


def test_guests_are_told_apart_by_their_keys(quiz):
    first = start_attempt(quiz=quiz, user=None, guest_key="a")
    assert start_attempt(quiz=quiz, user=None, guest_key="a") == first
    assert start_attempt(quiz=quiz, user=None, guest_key="b") != first


def test_retired_questions_are_not_asked(quiz, bob, chapters_dir):
    write_quiz(chapters_dir / "01-trial", NUMBER)
    load_quizzes(chapters_dir)
    attempt = start_attempt(quiz=quiz, user=bob, guest_key="")
    assert [r.version.question.slug for r in responses_of(attempt)] == ["sum"]


def test_a_new_attempt_takes_the_newest_version(quiz, bob, chapters_dir):
    write_quiz(chapters_dir / "01-trial", NUMBER.replace("Сколько", "А сколько"))
    load_quizzes(chapters_dir)
    attempt = start_attempt(quiz=quiz, user=bob, guest_key="")
    assert "А сколько" in response(attempt, 1).variant.text


def test_a_malformed_answer_is_stored_as_it_was_typed(attempt):
    saved = save_answer(response=response(attempt, 1), raw="9**9**9")
    assert saved.parsed.state == "malformed"
    assert response(attempt, 1).answer == "9**9**9"
    assert response(attempt, 1).mark is None


def test_an_emptied_answer_is_no_answer(attempt):
    save_answer(response=response(attempt, 1), raw="1")
    save_answer(response=response(attempt, 1), raw="  ")
    assert response(attempt, 1).answer is None


def test_too_long_an_answer_leaves_what_was_saved(attempt):
    save_answer(response=response(attempt, 8), raw="Начало")
    with pytest.raises(TooLong):
        save_answer(response=response(attempt, 8), raw="я" * 1_000_000)
    assert response(attempt, 8).answer == "Начало"


def test_saving_locks_the_attempt_and_writes_a_row(attempt, django_assert_num_queries):
    asked = response(attempt, 1)
    # savepoint, lock, update, the revision, release
    with django_assert_num_queries(5):
        save_answer(response=asked, raw="1")


def test_nothing_is_saved_after_finishing(attempt):
    late = response(attempt, 1)
    finish_attempt(attempt=attempt)
    before = Response.objects.values().get(pk=late.pk)
    with pytest.raises(AttemptFinished):
        save_answer(response=late, raw="5")
    assert Response.objects.values().get(pk=late.pk) == before


def test_all_keys_give_all_points(attempt):
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    # Seven questions of one point or two; the open one is not counted.
    assert (attempt.score, attempt.max_score) == (8, 8)
    assert attempt.share == 1
    assert response(attempt, 8).mark is None


def test_no_answers_give_no_points(attempt):
    finish_attempt(attempt=attempt)
    assert (attempt.score, attempt.max_score) == (0, 8)


def test_hints_of_what_was_confused_are_kept(attempt):
    asked = response(attempt, 1)
    values = asked.variant.values
    save_answer(response=asked, raw=str(values["b"] - values["a"]))
    finish_attempt(attempt=attempt)
    marked = response(attempt, 1)
    assert marked.mark == 0
    assert "а не наоборот" in marked.hints[0]
    assert marked.feedback["slips"] == ["#0"]


def test_finishing_twice_changes_nothing(attempt):
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    when, score = attempt.finished_at, attempt.score
    Response.objects.update(answer=None)
    finish_attempt(attempt=attempt)
    assert (attempt.finished_at, attempt.score) == (when, score)
    assert GradeEvent.objects.count() == 1


def test_finishing_records_a_grade(attempt, bob):
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    event = GradeEvent.objects.get()
    assert (event.user, event.item, event.share) == (bob, "trial", 1)


def test_a_guest_gets_no_grade(quiz):
    attempt = start_attempt(quiz=quiz, user=None, guest_key="a")
    finish_attempt(attempt=attempt)
    assert not GradeEvent.objects.exists()


def test_a_fault_while_marking_leaves_the_attempt_running(attempt, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("out of paper")

    monkeypatch.setattr("quizsite.quizzes.services.finishing._mark", broken)
    with pytest.raises(RuntimeError):
        finish_attempt(attempt=attempt)
    assert not Attempt.objects.get().is_finished


def test_a_self_check_is_kept_beside_and_costs_nothing(attempt):
    finish_attempt(attempt=attempt)
    self_check(response=response(attempt, 8), levels=[1, 0, 1])
    checked = response(attempt, 8)
    assert checked.feedback["self_check"] == [1, 3]
    assert checked.mark is None
    assert Attempt.objects.get().score == attempt.score
