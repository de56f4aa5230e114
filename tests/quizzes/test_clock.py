"""Deadlines by the server's clock, grace for the network, and the end by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizsite.courses.models import GradeEvent
from quizsite.quizzes.models import Attempt, ResponseRevision
from quizsite.quizzes.services import (
    AttemptFinished,
    check_answer,
    finish_attempt,
    finish_overdue,
    save_answer,
    start_attempt,
)
from tests.quizzes.conftest import answers, response, text, url

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def timed(clock, assigned, started) -> Attempt:
    """Bob has half an hour."""
    return started(assigned(time_limit=30))


def save(attempt: Attempt, raw: str, **how):
    return save_answer(response=response(attempt, 1), raw=raw, **how)


def kept(kind: str) -> list[object]:
    return list(
        ResponseRevision.objects.filter(kind=kind).values_list("answer", flat=True)
    )


def test_the_deadline_is_written_down_at_the_start(timed, clock):
    assert timed.deadline == clock.now + timedelta(minutes=30)


def test_an_attempt_for_oneself_has_none(started):
    assert started().deadline is None


def test_a_closing_before_the_limit_ends_the_attempt(clock, assigned, started):
    closes = clock.now + timedelta(minutes=10)
    assert started(assigned(time_limit=30, closes_at=closes)).deadline == closes


def test_before_the_end_answers_are_taken(timed, clock):
    clock.forward(minutes=30)
    save(timed, "in time")
    assert answers(timed)[0] == "in time"


def test_what_was_typed_in_time_is_taken_during_the_grace(timed, clock):
    clock.forward(minutes=30, seconds=59)
    save(timed, "in time", age=timedelta(seconds=60))
    assert answers(timed)[0] == "in time"


def test_what_was_typed_after_the_end_is_not_even_during_the_grace(timed, clock):
    clock.forward(minutes=30, seconds=40)
    with pytest.raises(AttemptFinished) as refused:
        save(timed, "too late", age=timedelta(seconds=10))
    assert refused.value.kept
    assert answers(timed)[0] is None
    assert kept("late") == ["too late"]
    assert not Attempt.objects.get().is_finished  # others may still be on their way


def test_what_comes_after_the_grace_is_kept_and_counts_for_nothing(timed, clock):
    save(timed, "stored")
    clock.forward(minutes=32)
    with pytest.raises(AttemptFinished) as refused:
        save(timed, "from a tunnel", age=timedelta(minutes=10))
    assert refused.value.kept
    assert kept("late") == ["from a tunnel"]
    assert Attempt.objects.get().timed_out
    assert answers(timed)[0] == "stored"


def test_a_late_answer_that_is_stored_anyway_is_no_news(timed, clock):
    save(timed, "stored")
    clock.forward(minutes=32)
    with pytest.raises(AttemptFinished) as refused:
        save(timed, "stored")
    assert not refused.value.kept
    assert kept("late") == []


def test_days_later_nothing_is_kept(timed, clock):
    clock.forward(days=3)
    with pytest.raises(AttemptFinished):
        save(timed, "much too late")
    assert kept("late") == []


def test_who_finished_by_themselves_has_nothing_laid_aside(timed, clock):
    clock.forward(minutes=5)
    finish_attempt(attempt=timed)
    with pytest.raises(AttemptFinished) as refused:
        save(timed, "an afterthought")
    assert not refused.value.kept


def test_time_over_ends_the_attempt_on_the_next_visit(timed, clock, as_bob):
    save(timed, "1")
    clock.forward(minutes=31, seconds=1)
    assert as_bob.get(url("attempt", timed)).url == url("result", timed)
    ended = Attempt.objects.get()
    assert (ended.finished_at, ended.timed_out) == (timed.deadline, True)
    assert "Время вышло" in text(as_bob.get(url("result", timed)))


def test_time_over_ends_it_although_nobody_looks(timed, clock):
    clock.forward(minutes=30, seconds=59)
    assert finish_overdue() == 0
    clock.forward(seconds=2)
    assert finish_overdue() == 1
    assert finish_overdue() == 0
    assert Attempt.objects.get().finished_at == timed.deadline
    assert GradeEvent.objects.get().handed_in_at == timed.deadline


def test_the_sweep_leaves_the_unhurried_alone(started, clock):
    started()
    clock.forward(days=400)
    assert finish_overdue() == 0


def test_one_attempt_that_cannot_be_marked_keeps_no_other_open(
    timed, clock, quiz, charlie, monkeypatch
):
    other = start_attempt(quiz=quiz, user=charlie, guest_key="")
    Attempt.objects.filter(pk=other.pk).update(deadline=clock.now)
    clock.forward(hours=1)
    real = finish_attempt

    def fragile(*, attempt: Attempt) -> None:
        if attempt.pk == other.pk:
            raise RuntimeError("a broken question")
        real(attempt=attempt)

    monkeypatch.setattr("quizsite.quizzes.services.finishing.finish_attempt", fragile)
    assert finish_overdue() == 1
    assert Attempt.objects.get(pk=timed.pk).is_finished


def test_finishing_during_the_grace_is_finishing_at_the_end(timed, clock):
    clock.forward(minutes=30, seconds=30)
    finish_attempt(attempt=timed)
    assert (timed.finished_at, timed.timed_out) == (timed.deadline, True)


def test_a_server_clock_that_is_set_back_gives_no_second_end(timed, clock):
    clock.forward(minutes=10)
    finish_attempt(attempt=timed)
    first = timed.finished_at
    clock.forward(hours=-3)
    finish_attempt(attempt=timed)
    assert timed.finished_at == first
    with pytest.raises(AttemptFinished):
        save(timed, "in the past")


def test_a_browser_whose_clock_is_wrong_says_only_how_long_ago(timed, clock, as_bob):
    clock.forward(minutes=29)
    sent = {"q1": "5", "age": "100000000000"}  # «typed three years ago»
    assert as_bob.post(url("answer", timed, 1), sent).status_code == 200
    assert ResponseRevision.objects.get().typed_at == timed.started_at


def test_nothing_is_checked_after_the_end(clock, assigned, started):
    practice = started(assigned(time_limit=30, behaviour="practice"))
    save(practice, "1")
    clock.forward(minutes=30, seconds=1)
    with pytest.raises(AttemptFinished):
        check_answer(response=response(practice, 1))


# --- what the pages say ---------------------------------------------------------------


def test_the_page_says_how_much_is_left_by_the_servers_clock(timed, clock, as_bob):
    clock.forward(minutes=9, seconds=30)
    page = text(as_bob.get(url("attempt", timed)))
    assert 'data-left="1230"' in page
    assert "Осталось 21\u00a0минута" in page
    assert "до <time" in page


def test_the_page_of_the_unhurried_has_no_clock(started, as_bob):
    assert "data-timer" not in text(as_bob.get(url("attempt", started())))


def test_during_the_grace_the_page_still_takes_what_a_journal_has(timed, clock, as_bob):
    clock.forward(minutes=30, seconds=20)
    page = text(as_bob.get(url("attempt", timed)))
    assert "Ещё минуту принимается" in page
    sent = {"q1": "5", "age": "25000"}
    assert as_bob.post(url("answer", timed, 1), sent).status_code == 200


def test_a_late_save_is_told_where_the_review_is(timed, clock, as_bob):
    clock.forward(minutes=40)
    reply = as_bob.post(url("answer", timed, 1), {"q1": "5"})
    assert reply.status_code == 409
    assert reply.json() == {"finished": url("result", timed), "kept": True}
    page = text(as_bob.get(url("result", timed)))
    assert "присланное позже сохранено отдельно и не засчитано" in page


def test_a_form_that_comes_too_late_says_so(timed, clock, as_bob):
    clock.forward(minutes=40)
    old = {"q1-was": "x", "q1": "5", "finish": "1"}
    page = text(as_bob.post(url("attempt", timed), old, follow=True))
    assert "Время вышло" in page
    assert answers(timed)[0] is None


def test_the_clock_tells_what_is_left(timed, clock, as_bob):
    clock.forward(minutes=10)
    assert as_bob.get(url("clock", timed)).json() == {"left": 1200, "finished": None}
    clock.forward(minutes=30)
    said = as_bob.get(url("clock", timed)).json()
    assert said == {"left": 0, "finished": url("result", timed)}


def test_an_instructor_sees_what_came_too_late(timed, clock, as_alice):
    clock.forward(minutes=32)
    with pytest.raises(AttemptFinished):
        save(timed, "777", age=timedelta(minutes=5))
    page = text(as_alice.get(url("result", timed)))
    assert "Пришло после конца" in page
    assert "777" in page
