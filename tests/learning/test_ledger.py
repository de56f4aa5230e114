"""What is mixed up is told to whom it concerns, and only until it is overcome."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from quizsite.accounts.services import adopt_guest_attempts
from quizsite.courses.models import ItemKind
from quizsite.dashboards.misconceptions import course_ledger
from quizsite.learning.encounters import note_submission, note_submission_again
from quizsite.learning.ledger import ledger_of
from quizsite.learning.models import Encounter
from quizsite.quizzes import regrading
from quizsite.quizzes.misconceptions import tag_of_mistake
from quizsite.quizzes.models import Quiz
from quizsite.quizzes.services import (
    check_answer,
    finish_attempt,
    load_quizzes,
    responses_of,
    save_answer,
    start_attempt,
)
from quizsite.submissions.models import Submission
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, SubmissionFactory, UserFactory, enrol
from tests.quizzes.conftest import NUMBER, SINGLE, write_quiz

pytestmark = pytest.mark.django_db
TAGGED = NUMBER.replace('hint: "Вы', 'tag: sign, hint: "Вы')
MINE, CLASS = "/learning/misconceptions/", "/courses/alices/dashboard/misconceptions/"


@pytest.fixture
def quiz(chapters_dir, chapter) -> Quiz:
    """Its first question tells who has lost a sign."""
    write_quiz(chapters_dir / "01-trial", TAGGED, SINGLE)
    load_quizzes(chapters_dir)
    return Quiz.objects.get()


@pytest.fixture
def take(quiz, bob):
    def make(user=bob, *, right=False, behaviour="test", assignment=None, **how):
        attempt = start_attempt(
            quiz=quiz,
            user=user,
            guest_key=how.pop("guest_key", ""),
            assignment=assignment,
            **({} if assignment else {"behaviour": behaviour}),
        )
        first = responses_of(attempt)[0]
        variant = first.variant
        raw = variant.key if right else variant.drawn.wrong_answers()[0]
        save_answer(response=first, raw=raw)
        finish_attempt(attempt=attempt)
        return attempt

    return make


@pytest.fixture
def assignment(course, quiz):
    return AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="trial")


def text(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


class TestOfQuizzes:
    def test_a_wrong_answer_is_noted_and_a_right_one_overcomes_it(self, take, bob):
        take()
        (entry,) = ledger_of(bob)
        assert (entry.misconception.id, entry.times) == ("sign", 1)
        assert not entry.overcome
        take(right=True)
        (entry,) = ledger_of(bob)
        assert entry.overcome

    def test_a_later_mistake_opens_it_again(self, take, bob):
        take(right=True)
        take()
        (entry,) = ledger_of(bob)
        assert not entry.overcome

    def test_each_try_in_practice_is_noted_once(self, quiz, bob):
        attempt = start_attempt(quiz=quiz, user=bob, guest_key="", behaviour="practice")
        first = responses_of(attempt)[0]
        save_answer(response=first, raw=first.variant.drawn.wrong_answers()[0])
        check_answer(response=first)
        check_answer(response=first)
        finish_attempt(attempt=attempt)
        assert Encounter.objects.count() == 1

    def test_a_guests_comes_along_when_they_sign_in(self, take, bob):
        take(user=None, guest_key="k" * 32)
        assert not Encounter.objects.exists()

        assert adopt_guest_attempts(user=bob, guest_key="k" * 32) == 1
        assert [one.misconception.id for one in ledger_of(bob)] == ["sign"]

    def test_an_exam_tells_nothing_before_its_review(self, take, bob, assignment):
        assignment.behaviour = "exam"
        assignment.save()
        take(assignment=assignment)
        assert Encounter.objects.count() == 1
        assert ledger_of(bob) == []

    def test_a_mended_key_takes_it_back(self, take, quiz, chapters_dir, bob):
        take()
        mended = TAGGED.replace("answer: a - b\n", "answer: b - a\n").replace(
            "answer: b - a, tag", "answer: a - b, tag"
        )
        write_quiz(chapters_dir / "01-trial", mended, SINGLE)
        load_quizzes(chapters_dir)
        question = quiz.questions.get(slug="sum")
        regrading.commit(regrade=regrading.begin(question=question))
        assert ledger_of(bob) == []

    def test_what_was_there_before_is_noted_by_the_command(self, take, bob, capsys):
        take()
        before = list(Encounter.objects.values_list("tag", "at"))
        Encounter.objects.all().delete()
        call_command("note_misconceptions")
        assert list(Encounter.objects.values_list("tag", "at")) == before


class TestOfExercises:
    def test_a_known_mistake_is_noted_until_the_exercise_is_solved(self, bob):
        tag = tag_of_mistake("tr_attention", "no_scale")
        assert tag
        wrong = SubmissionFactory(user=bob, mistake="no_scale", state="done")
        note_submission(submission=wrong)
        (entry,) = ledger_of(bob)
        assert (entry.misconception.id, entry.overcome) == (tag, False)
        SubmissionFactory(user=bob, state="done", verdict="accepted", score=1.0)
        (entry,) = ledger_of(bob)
        assert entry.overcome

    def test_a_new_report_takes_the_place_of_the_old_one(self, bob):
        submission = SubmissionFactory(user=bob, mistake="no_scale", state="done")
        for _ in range(2):
            note_submission_again(submission=submission)
        assert Encounter.objects.count() == 1
        Submission.objects.update(mistake="")
        submission.refresh_from_db()
        note_submission_again(submission=submission)
        assert not Encounter.objects.exists()


class TestOfACourse:
    def test_it_counts_students_and_names_none(
        self, take, assignment, course, bob, as_alice
    ):
        dina = UserFactory(display_name="Дина")
        enrol(course, dina)
        take(assignment=assignment)
        take(dina, assignment=assignment)
        take(dina, assignment=assignment, right=True)
        (entry,) = course_ledger(course)
        assert entry.people == {bob.pk, dina.pk} and entry.stuck == {bob.pk}
        page = text(as_alice, CLASS)
        assert "Потерян или лишний знак" in page
        assert "Дина" not in page and bob.shown_name not in page

    def test_of_one_it_says_who(self, take, assignment, bob, as_alice):
        take(assignment=assignment)
        assert bob.shown_name in text(as_alice, f"{CLASS}sign/")
        assert as_alice.get(f"{CLASS}units/").status_code == 404

    def test_what_strangers_do_is_not_counted(self, take, assignment, course, charlie):
        take(charlie)
        assert course_ledger(course) == []

    def test_the_number_of_queries_does_not_grow(
        self, take, assignment, course, django_assert_max_num_queries
    ):
        for _ in range(3):
            student = UserFactory()
            enrol(course, student)
            for _ in range(2):
                take(student, assignment=assignment)
        with django_assert_max_num_queries(6):
            course_ledger(course)


class TestPages:
    def test_ones_own(self, take, as_bob):
        assert "Пока ничего" in text(as_bob, MINE)
        take()
        for address in (MINE, "/learning/"):
            assert "Потерян или лишний знак" in text(as_bob, address)

    def test_nobody_sees_bobs(self, take, assignment, as_charlie, as_bob, client):
        take(assignment=assignment)
        assert "Потерян" not in text(as_charlie, MINE)
        assert client.get(MINE).status_code == 302
        for address in (CLASS, f"{CLASS}sign/"):
            assert as_bob.get(address).status_code == 404
            assert as_charlie.get(address).status_code == 404
            assert client.get(address).status_code == 302

    def test_another_courses_instructor_sees_nothing(self, take, assignment):
        take(assignment=assignment)
        other = UserFactory()
        enrol(AssignmentFactory().course, other, role="instructor")
        assert signed_in(other).get(CLASS).status_code == 404


class TestApi:
    MINE = "/api/v1/learning/misconceptions/"
    CLASS = "/api/v1/courses/alices/misconceptions/"

    def test_it_says_the_same(self, take, assignment, as_bob, as_alice, bob):
        take(assignment=assignment)
        (mine,) = as_bob.get(self.MINE).json()
        assert (mine["id"], mine["overcome"]) == ("sign", False)
        assert mine["practice"][0]["question"] == "sum"
        (counted,) = as_alice.get(self.CLASS).json()
        assert (counted["students"], counted["stuck"]) == (1, 1)
        assert "who" not in counted
        named = as_alice.get(f"{self.CLASS}sign/").json()
        assert [one["username"] for one in named["who"]] == [bob.username]

    def test_strangers_are_refused(self, take, assignment, as_bob, as_charlie, client):
        take(assignment=assignment)
        assert as_charlie.get(self.MINE).json() == []
        assert client.get(self.MINE).status_code == 401
        for address in (self.CLASS, f"{self.CLASS}sign/"):
            assert as_bob.get(address).status_code == 404
            assert as_charlie.get(address).status_code == 404
            assert client.get(address).status_code == 401
