"""Missed questions come back, the later the better they are known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from quizsite.courses.models import GradeEvent, ItemKind
from quizsite.learning import starting
from quizsite.learning.models import Card
from quizsite.learning.scheduling import (
    due_of,
    rated,
    rating_of,
    retrievability,
)
from quizsite.learning.services import note_opened
from quizsite.learning.starting import NothingDue, start_review, todays_queue
from quizsite.quizzes.rules import BehaviourName, Certainty
from quizsite.quizzes.services import (
    check_answer,
    finish_attempt,
    responses_of,
    running_attempt,
    save_answer,
    start_attempt,
    take_hint,
)
from tests.factories import AssignmentFactory

NOON = datetime.fromisoformat("2026-03-10T12:00:00+03:00")


def start(quiz, user, behaviour=BehaviourName.TEST):
    return start_attempt(quiz=quiz, user=user, guest_key="", behaviour=behaviour)


def take(quiz, user, *, wrong=("sum",)):
    """A finished test; the named questions are answered wrongly, the rest rightly."""
    return answer_all(start(quiz, user), wrong)


def answer_all(attempt, wrong):
    for response in responses_of(attempt):
        variant = response.variant
        missed = response.version.question.slug in wrong
        raw = variant.drawn.wrong_answers()[0] if missed else variant.key
        save_answer(response=response, raw=raw)
    finish_attempt(attempt=attempt)
    return attempt


def later(monkeypatch, days: float) -> None:
    moment = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def cards(user) -> dict[str, Card]:
    found = Card.objects.filter(user=user).select_related("question")
    return {card.question.slug: card for card in found}


@pytest.mark.parametrize(
    ("right", "certainty", "hints", "name"),
    [
        (False, Certainty.HIGH, 0, "Again"),
        (True, None, 0, "Good"),
        (True, Certainty.HIGH, 0, "Easy"),
        (True, Certainty.LOW, 0, "Hard"),
        (True, Certainty.HIGH, 1, "Hard"),
    ],
)
def test_how_well_it_was_remembered(right, certainty, hints, name):
    assert rating_of(right=right, certainty=certainty, hints=hints).name == name


def test_what_is_known_better_comes_back_later():
    missed = rated(None, rating_of(right=False, certainty=None, hints=0), NOON)
    assert timedelta(0) < due_of(missed) - NOON <= timedelta(days=2)
    at = due_of(missed)
    intervals = [
        due_of(rated(missed, rating_of(right=True, certainty=level, hints=0), at)) - at
        for level in (Certainty.LOW, None, Certainty.HIGH)
    ]
    assert intervals == sorted(intervals)
    assert len(set(intervals)) == 3


def test_memory_fades():
    memory = rated(None, rating_of(right=False, certainty=None, hints=0), NOON)
    days = [retrievability(memory, NOON + timedelta(days=n)) for n in (1, 5, 30)]
    assert days == sorted(days, reverse=True)


def test_a_missed_question_becomes_a_card(quiz, bob):
    take(quiz, bob, wrong=("sum", "one"))
    assert set(cards(bob)) == {"sum", "one"}
    assert all(card.due > timezone.now() for card in cards(bob).values())


def test_what_is_right_or_unanswered_or_open_does_not(quiz, bob):
    attempt = start(quiz, bob)
    finish_attempt(attempt=attempt)
    take(quiz, bob, wrong=())
    assert cards(bob) == {}


def test_a_guest_has_no_cards(quiz):
    attempt = start_attempt(quiz=quiz, user=None, guest_key="k")
    for response in responses_of(attempt):
        save_answer(response=response, raw="1")
    finish_attempt(attempt=attempt)
    assert not Card.objects.exists()


def test_in_practice_the_first_check_counts(quiz, bob):
    attempt = start(quiz, bob, BehaviourName.PRACTICE)
    response = next(
        one for one in responses_of(attempt) if one.version.question.slug == "sum"
    )
    for raw in (response.variant.drawn.wrong_answers()[0], response.variant.key):
        save_answer(response=response, raw=raw)
        response.refresh_from_db()
        check_answer(response=response)
    finish_attempt(attempt=attempt)
    card = cards(bob)["sum"]
    assert (card.asked, card.missed) == (1, 1)


def test_a_right_answer_moves_the_card_away(quiz, bob, monkeypatch):
    take(quiz, bob)
    first = cards(bob)["sum"].due
    later(monkeypatch, 3)
    take(quiz, bob, wrong=())
    card = cards(bob)["sum"]
    assert card.due > first + timedelta(days=1)
    assert (card.asked, card.missed) == (2, 1)


def test_a_hint_makes_it_come_back_sooner(quiz, bob, monkeypatch):
    take(quiz, bob)
    later(monkeypatch, 3)
    attempt = start_review(user=bob, quiz=quiz)
    [response] = responses_of(attempt)
    take_hint(response=response)
    save_answer(response=response, raw=response.variant.key)
    response.refresh_from_db()
    check_answer(response=response)
    assert cards(bob)["sum"].asked == 2


def test_the_day_asks_only_what_is_due(quiz, bob, monkeypatch):
    take(quiz, bob)
    assert todays_queue(bob, timezone.now()) == []
    with pytest.raises(NothingDue):
        start_review(user=bob, quiz=quiz)
    later(monkeypatch, 3)
    [due] = todays_queue(bob, timezone.now())
    assert (due.quiz, due.count) == (quiz, 1)


def test_a_day_is_bounded_and_the_longest_overdue_come_first(quiz, bob, monkeypatch):
    take(quiz, bob, wrong=("sum", "one", "shape"))
    later(monkeypatch, 5)
    monkeypatch.setattr(starting, "DAILY", 2)
    assert sum(due.count for due in todays_queue(bob, timezone.now())) == 2


def test_a_review_has_new_numbers_and_is_no_way_through_the_quiz(
    quiz, bob, monkeypatch
):
    taken = take(quiz, bob)
    later(monkeypatch, 3)
    review = start_review(user=bob, quiz=quiz)
    assert start_review(user=bob, quiz=quiz) == review
    assert bytes(review.seed) != bytes(taken.seed)
    assert [one.version.question.slug for one in responses_of(review)] == ["sum"]
    assert running_attempt(quiz=quiz, user=bob, guest_key="") is None
    assert start(quiz, bob) != review


def test_a_review_gives_no_grade(quiz, bob, monkeypatch):
    take(quiz, bob)
    before = GradeEvent.objects.count()
    later(monkeypatch, 3)
    finish_attempt(attempt=start_review(user=bob, quiz=quiz))
    assert GradeEvent.objects.count() == before


def test_a_retired_question_is_not_asked(quiz, bob, monkeypatch):
    take(quiz, bob)
    quiz.questions.filter(slug="sum").update(retired=True)
    later(monkeypatch, 3)
    assert todays_queue(bob, timezone.now()) == []


class TestHeldAttempts:
    """An exam's cards would tell its marks: they wait until those may be seen."""

    @pytest.fixture
    def exam(self, quiz, course, bob):
        return AssignmentFactory(
            course=course,
            kind=ItemKind.QUIZ,
            item=quiz.chapter.slug,
            behaviour=BehaviourName.EXAM,
            closes_at=timezone.now() + timedelta(days=1),
        )

    @pytest.fixture
    def taken(self, quiz, bob, exam):
        attempt = start_attempt(quiz=quiz, user=bob, guest_key="", assignment=exam)
        return answer_all(attempt, wrong=("sum",))

    def test_nothing_comes_back_before_the_review(self, taken, bob):
        assert note_opened() == 0
        assert cards(bob) == {}

    def test_what_was_missed_does_once_it_opens(self, taken, bob, monkeypatch):
        later(monkeypatch, 2)
        assert note_opened() == 1
        assert set(cards(bob)) == {"sum"}
        assert cards(bob)["sum"].due < timezone.now() + timedelta(days=1)

    def test_an_attempt_is_noted_once(self, taken, bob, monkeypatch):
        later(monkeypatch, 2)
        assert [note_opened(), note_opened()] == [1, 0]
        assert cards(bob)["sum"].asked == 1

    def test_a_later_answer_says_more(self, taken, quiz, bob, monkeypatch):
        later(monkeypatch, 0.5)
        take(quiz, bob)
        later(monkeypatch, 1.5)
        memory = cards(bob)["sum"].memory
        assert note_opened() == 1
        assert cards(bob)["sum"].memory == memory
