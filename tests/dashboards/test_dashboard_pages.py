"""What an instructor sees: the course's work, all of it and nothing else."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quizsite.quizzes.models import QuestionVersion
from tests.dashboards.conftest import sent, taken
from tests.factories import CourseFactory, UserFactory, enrol

NOW = timezone.now()
EVIL = '<script>alert("ё")</script>'


def page(client, name, course, *args, **query):
    return client.get(reverse(f"dashboards:{name}", args=[course.slug, *args]), query)


def rows_of(response) -> list[list[str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_matrix_shows_the_best_result(course, exercise, bob, as_alice):
    sent(bob, "partial", 0.25)
    sent(bob, "partial", 0.75)
    text = page(as_alice, "course", course).text
    assert "75\N{NO-BREAK SPACE}%" in text
    assert "25\N{NO-BREAK SPACE}%" not in text


def test_the_matrix_marks_what_came_late(course, exercise, bob, as_alice):
    exercise.due_at = NOW - timedelta(days=1)
    exercise.save()
    sent(bob)
    assert "поздно" in page(as_alice, "course", course).text


def test_a_cell_leads_to_the_students_submissions(course, exercise, bob, as_alice):
    sent(bob)
    link = f"?student={bob.pk}&amp;exercise=tr_attention"
    assert link in page(as_alice, "course", course).text


def test_the_matrix_of_a_course_without_students_gives_the_code(as_alice, alice):
    course = CourseFactory()
    enrol(course, alice, role="instructor")
    assert course.join_code in page(as_alice, "course", course).text


def test_names_are_sorted_with_yo_beside_ye(course, exercise, as_alice):
    for name in ("Жук", "Ёж", "Енот"):
        enrol(course, UserFactory(display_name=name))
    text = page(as_alice, "course", course).text
    assert text.index("Ёж") < text.index("Енот") < text.index("Жук")


def test_a_strangers_work_is_not_in_the_list(course, exercise, bob, charlie, as_alice):
    sent(charlie)
    mine = sent(bob)
    text = page(as_alice, "submissions", course).text
    assert str(mine.pk) in text
    assert "Чарли" not in text


def test_work_that_the_course_did_not_assign_is_not_in_the_list(
    course, exercise, bob, as_alice
):
    other = sent(bob, exercise="reg_dropout")
    assert str(other.pk) not in page(as_alice, "submissions", course).text


def test_the_instructors_own_work_is_not_in_the_list(course, exercise, alice, as_alice):
    assert str(sent(alice).pk) not in page(as_alice, "submissions", course).text


def test_submissions_are_filtered_by_verdict(course, exercise, bob, as_alice):
    good, bad = sent(bob), sent(bob, "wrong_answer", 0.0)
    text = page(as_alice, "submissions", course, verdict="wrong_answer").text
    assert str(bad.pk) in text
    assert str(good.pk) not in text


def test_submissions_without_a_verdict_can_be_found(course, exercise, bob, as_alice):
    waiting = sent(bob, "", None, state="queued")
    done = sent(bob)
    text = page(as_alice, "submissions", course, verdict="waiting").text
    assert str(waiting.pk) in text
    assert str(done.pk) not in text


def test_a_nonsense_filter_is_an_answer_and_no_crash(course, exercise, as_alice):
    response = page(as_alice, "submissions", course, student="x", verdict="'; --")
    assert response.status_code == 200
    assert "Такого отбора нет" in response.text


@pytest.mark.parametrize("wanted", ["0", "-1", "999", "x"])
def test_a_page_that_is_not_there_is_the_nearest_one(
    course, exercise, as_alice, wanted
):
    assert page(as_alice, "submissions", course, page=wanted).status_code == 200


def test_attempts_are_listed_and_filtered(course, quiz, bob, as_alice):
    attempt = taken(bob, quiz, NOW)
    assert str(attempt.pk) in page(as_alice, "attempts", course).text
    other = enrol(course, UserFactory()).user
    text = page(as_alice, "attempts", course, student=other.pk).text
    assert str(attempt.pk) not in text


def test_verdicts_and_mistakes_are_counted(course, exercise, bob, as_alice):
    other = enrol(course, UserFactory()).user
    sent(bob, "wrong_answer", 0.0, mistake="no_scale")
    sent(bob, "wrong_answer", 0.0, mistake="no_scale")
    sent(other, "wrong_answer", 0.0, mistake="no_scale")
    response = page(as_alice, "exercise", course, "tr_attention")
    (row,) = response.context["stats"].mistakes
    assert (row.submissions, row.students) == (3, 2)
    assert "Неверный ответ" in response.text
    assert "<svg" in response.text


def test_a_question_is_judged_by_first_attempts(course, quiz, bob, as_alice):
    taken(bob, quiz, NOW - timedelta(days=1), marks=(0.0, 0.0))
    taken(bob, quiz, NOW, marks=(1.0, 1.0))
    stats = page(as_alice, "quiz", course, "transformer").context["stats"]
    assert [list(row.marks) for row in stats.questions] == [[0.0], [0.0]]
    assert stats.takers == 1


def test_what_varies_in_a_question_is_left_out(course, quiz, bob, as_alice):
    taken(bob, quiz, NOW)
    text = page(as_alice, "quiz", course, "transformer").text
    assert "@{" not in text
    assert "x_0=…" in text


def test_the_commonest_slips_are_told_with_their_hints(course, quiz, bob, as_alice):
    options = [{"text": "нет", "correct": False, "hint": "Спутали."}]
    for version in QuestionVersion.objects.all():
        version.spec = {**version.spec, "options": options}
        version.save()
    taken(bob, quiz, NOW, feedback={"slips": ["option:0"]})
    response = page(as_alice, "quiz", course, "transformer")
    (slip,) = response.context["stats"].questions[0].slips
    assert (slip.slip.what, slip.people) == ("нет", 1)
    assert "Спутали." in response.text


def test_a_question_nobody_marks_has_no_facility(course, quiz, bob, as_alice):
    attempt = taken(bob, quiz, NOW)
    attempt.responses.filter(position=0).update(mark=None)
    stats = page(as_alice, "quiz", course, "transformer").context["stats"]
    assert (list(stats.questions[0].marks), stats.questions[0].unmarked) == ([], 1)


def test_charts_carry_no_inline_style(course, exercise, quiz, bob, as_alice):
    sent(bob)
    taken(bob, quiz, NOW)
    for name, args in (
        ("course", ()),
        ("exercise", ["tr_attention"]),
        ("quiz", ["transformer"]),
    ):
        text = page(as_alice, name, course, *args).text
        assert "<svg" in text
        assert "style=" not in text


def test_hostile_names_are_text_on_every_page(course, exercise, quiz, bob, as_alice):
    bob.display_name = EVIL
    bob.save()
    exercise.title = EVIL
    exercise.save()
    sent(bob)
    taken(bob, quiz, NOW)
    for name in ("course", "submissions", "attempts"):
        text = page(as_alice, name, course).text
        assert "alert(&quot;ё" in text
        assert "<script>alert" not in text


def test_the_gradebook_has_a_line_per_student(course, exercise, quiz, bob, as_alice):
    sent(bob, "partial", 0.855)
    head, line = rows_of(page(as_alice, "gradebook_csv", course))
    assert head[:5] == ["Логин", "Имя", "Почта", "Внимание (из 10)", "Квиз 15 (из 10)"]
    assert line[:6] == ["bob", "Боб", bob.email, "8,55", "", "8,55"]


def test_the_gradebook_survives_a_hostile_name(course, exercise, bob, as_alice):
    bob.display_name = '=cmd|"/c calc"!A1;«Ё»'
    bob.save()
    _head, line = rows_of(page(as_alice, "gradebook_csv", course))
    assert line[1] == "'" + bob.display_name


def test_the_submissions_file_follows_the_filters(course, exercise, bob, as_alice):
    sent(bob)
    bad = sent(bob, "wrong_answer", 0.0, mistake="no_scale")
    response = page(as_alice, "submissions_csv", course, verdict="wrong_answer")
    assert response.streaming
    _head, line = rows_of(response)
    assert line[0] == str(bad.pk)
    assert line[5:] == ["Неверный ответ", "wrong_answer", "0", "no_scale"]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("course", []),
        ("submissions", []),
        ("attempts", []),
        ("exercise", ["tr_attention"]),
        ("quiz", ["transformer"]),
        ("gradebook_csv", []),
        ("submissions_csv", []),
    ],
)
def test_queries_do_not_grow_with_the_class(
    course, exercise, quiz, as_alice, django_assert_max_num_queries, name, args
):
    for day in range(6):
        student = enrol(course, UserFactory()).user
        sent(student, "wrong_answer", 0.0, mistake=f"m{day}")
        taken(student, quiz, NOW - timedelta(days=day))
    with django_assert_max_num_queries(14):
        response = page(as_alice, name, course, *args)
        if response.streaming:
            response.getvalue()
