"""Who may start, when, how often, and with which questions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizsite.courses.models import GradeEvent
from quizsite.courses.terms import grant
from quizsite.quizzes.loading import load_quizzes
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.services import (
    MayNotStart,
    finish_attempt,
    responses_of,
    running_attempt,
    start_attempt,
)
from tests.factories import CourseFactory, enrol
from tests.quizzes.conftest import NUMBER, answer_all, response, text, write_quiz

pytestmark = pytest.mark.django_db
START = "/chapters/trial/quiz/"
DAY = timedelta(days=1)


def again(started, assignment, times: int) -> list[Attempt]:
    made = []
    for _ in range(times):
        made.append(started(assignment))
        finish_attempt(attempt=made[-1])
    return made


def test_alone_one_chooses_the_behaviour(started):
    attempt = started(behaviour="practice", asks_certainty=True)
    assert (attempt.behaviour, attempt.asks_certainty) == ("practice", True)
    assert attempt.course is None


def test_for_a_course_the_assignment_decides(assigned, started, course):
    attempt = started(assigned(behaviour="cbm"), behaviour="practice")
    assert (attempt.behaviour, attempt.course) == ("cbm", course)


def test_an_attempt_for_a_course_and_one_for_oneself_run_side_by_side(
    assigned, started, quiz, bob, course
):
    own, studied = started(), started(assigned())
    assert own != studied
    assert running_attempt(quiz=quiz, user=bob, guest_key="") == own
    assert running_attempt(quiz=quiz, user=bob, guest_key="", course=course) == studied


def test_before_the_opening_nobody_starts(clock, assigned, started):
    with pytest.raises(MayNotStart, match="откроется"):
        started(assigned(opens_at=clock.now + DAY))


def test_after_the_closing_nobody_starts(clock, assigned, started):
    with pytest.raises(MayNotStart, match="закрыт"):
        started(assigned(closes_at=clock.now))


def test_an_override_opens_earlier_and_closes_later(
    clock, assigned, started, alice, bob
):
    closed = assigned(opens_at=clock.now + DAY, closes_at=clock.now + 2 * DAY)
    terms = {"opens_at": clock.now - DAY, "closes_at": clock.now + 9 * DAY}
    grant(assignment=closed, user=bob, by=alice, terms=terms)
    assert started(closed).deadline == clock.now + 9 * DAY


def test_when_all_attempts_are_used_nobody_starts(assigned, started):
    assignment = assigned(max_attempts=2)
    again(started, assignment, 2)
    with pytest.raises(MayNotStart, match="использованы"):
        started(assignment)


def test_extra_attempts_are_ones_own(assigned, started, alice, bob, quiz, charlie):
    assignment = assigned(max_attempts=1)
    enrol(assignment.course, charlie)
    grant(assignment=assignment, user=bob, by=alice, terms={"extra_attempts": 1})
    again(started, assignment, 2)
    with pytest.raises(MayNotStart):
        started(assignment)
    theirs = {"quiz": quiz, "user": charlie, "guest_key": "", "assignment": assignment}
    finish_attempt(attempt=start_attempt(**theirs))
    with pytest.raises(MayNotStart):
        start_attempt(**theirs)


def test_what_one_does_alone_uses_no_attempt_up(assigned, started):
    assignment = assigned(max_attempts=1)
    again(started, None, 3)
    assert started(assignment).course == assignment.course


def test_a_running_attempt_whose_time_is_over_makes_room(clock, assigned, started):
    assignment = assigned(time_limit=10)
    first = started(assignment)
    clock.forward(hours=1)
    second = started(assignment)
    first.refresh_from_db()
    assert first.is_finished
    assert second != first


def test_an_exam_has_one_variant(assigned, started):
    exam = assigned(behaviour="exam")
    first, second = again(started, exam, 2)
    assert bytes(first.seed) == bytes(second.seed)
    assert response(first, 1).variant.text == response(second, 1).variant.text


def test_a_test_has_a_new_one_each_time(assigned, started):
    first, second = again(started, assigned(), 2)
    assert bytes(first.seed) != bytes(second.seed)


def test_a_pool_of_the_assignment_draws_its_questions(assigned, started):
    attempt = started(assigned(pools=[{"tag": "section-2", "draw": 2}]))
    sections = [one.version.section for one in responses_of(attempt)]
    assert sections == [1, 1, 2, 2]
    assert [one.position for one in responses_of(attempt)] == [1, 2, 3, 4]


def test_a_pool_of_the_file_draws_for_everybody(chapters_dir, quiz, started, assigned):
    path = chapters_dir / "01-trial" / "quiz.yaml"
    text = path.read_text(encoding="utf-8") + "pools: [{tag: section-2, draw: 1}]\n"
    path.write_text(text, encoding="utf-8")
    load_quizzes(chapters_dir)
    quiz.refresh_from_db()
    assert started().responses.count() == 3
    assert started(assigned()).responses.count() == 3


def test_a_shuffle_is_a_matter_of_the_assignment(assigned, started):
    shuffled = assigned(shuffle=True)
    orders = {
        tuple(one.version.question_id for one in responses_of(attempt))
        for attempt in again(started, shuffled, 6)
    }
    assert len(orders) > 1


def test_editing_a_question_changes_no_running_attempt(
    started, chapters_dir, quiz, bob
):
    attempt = started()
    before = [(one.variant.text, one.variant.key) for one in responses_of(attempt)]
    changed = NUMBER.replace("Сколько", "А сколько").replace("a - b", "a + b")
    changed = changed.replace("{answer: b - a", "{answer: b - 2*a")
    write_quiz(chapters_dir / "01-trial", changed)
    load_quizzes(chapters_dir)
    after = [
        (one.variant.text, one.variant.key)
        for one in responses_of(Attempt.objects.get(pk=attempt.pk))
    ]
    assert after == before
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    assert attempt.share == 1


# --- grades ---------------------------------------------------------------------------


def test_a_course_attempt_is_a_grade_of_the_course(assigned, started, course):
    again(started, assigned(behaviour="practice"), 1)
    assert GradeEvent.objects.get().course == course


@pytest.mark.parametrize(
    ("behaviour", "events"), [("test", 1), ("practice", 0), ("cbm", 0)]
)
def test_of_what_one_does_alone_only_a_test_is_a_grade(started, behaviour, events):
    finish_attempt(attempt=started(behaviour=behaviour))
    assert GradeEvent.objects.count() == events


# --- the page -------------------------------------------------------------------------


def test_a_reader_may_choose_practice_test_or_certainty(quiz, client):
    page = text(client.get(START))
    for said in ("Практика.", "Тест.", "Тест с уверенностью.", "трети"):
        assert said in page
    assert "экзамен" not in page.lower()


@pytest.mark.parametrize("behaviour", ["practice", "test", "cbm"])
def test_a_guest_starts_what_they_chose(quiz, client, behaviour):
    client.post(START, {"behaviour": behaviour, "certainty": "on"})
    attempt = Attempt.objects.get()
    assert (attempt.behaviour, attempt.asks_certainty) == (behaviour, True)


@pytest.mark.parametrize("behaviour", ["exam", "nonsense"])
def test_nobody_sets_themselves_an_exam(quiz, as_bob, behaviour):
    reply = as_bob.post(START, {"behaviour": behaviour})
    assert reply.status_code == 409
    assert not Attempt.objects.exists()


def test_a_student_is_offered_the_courses_terms(clock, assigned, as_bob, as_charlie):
    assigned(
        behaviour="exam",
        time_limit=45,
        max_attempts=2,
        opens_at=clock.now - DAY,
        closes_at=clock.now + DAY,
        grade_policy="mean",
    )
    page = text(as_bob.get(START))
    for said in (
        *(
            "Курс «",
            "Курс Алисы",
            "экзамен",
            "Время: 45 мин",
            "Попыток осталось: 2 из 2",
        ),
        *("Открыт с", "Закроется", "среднее по попыткам", "после закрытия"),
        "Начать для курса",
    ):
        assert said in page
    assert "Курс Алисы" not in text(as_charlie.get(START))


def test_a_student_starts_for_the_course(assigned, as_bob, course):
    assigned(behaviour="exam")
    as_bob.post(START, {"course": "alices"})
    attempt = Attempt.objects.get()
    assert (attempt.course, attempt.behaviour) == (course, "exam")
    assert "Продолжить попытку" in text(as_bob.get(START))


def test_charlie_cannot_start_for_a_course_of_others(assigned, as_charlie, client):
    assigned()
    for stranger in (as_charlie, client):
        assert stranger.post(START, {"course": "alices"}).status_code == 404
    assert not Attempt.objects.exists()


def test_the_teacher_is_no_student_of_the_course(assigned, as_alice):
    assigned()
    assert as_alice.post(START, {"course": "alices"}).status_code == 404


def test_a_course_that_does_not_assign_the_quiz_offers_nothing(quiz, as_bob, bob):
    enrol(CourseFactory(slug="other"), bob)
    assert as_bob.post(START, {"course": "other"}).status_code == 404


def test_who_may_not_start_is_told_why(assigned, as_bob, started):
    again(started, assigned(max_attempts=1), 1)
    reply = as_bob.post(START, {"course": "alices"})
    assert reply.status_code == 409
    assert "Все попытки использованы" in text(reply)


def test_the_start_page_asks_the_database_little(
    assigned, as_bob, started, django_assert_max_num_queries
):
    again(started, assigned(), 3)
    with django_assert_max_num_queries(12):
        as_bob.get(START)
