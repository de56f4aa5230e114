"""Instructors mark open answers: nothing is lost, overwritten or said too early."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from quizsite.accounts.models import Notice
from quizsite.courses.models import GradeEvent, ItemKind, Role
from quizsite.quizzes.marking.agreement import agreements, pooled_kappa
from quizsite.quizzes.marking.queue import Queue, Which, open_answers
from quizsite.quizzes.marking.recording import (
    AlreadyMarked,
    Judgement,
    NotMarkable,
    record_mark,
)
from quizsite.quizzes.models import Attempt, MarkingLease, OpenMark, Quiz, Response
from quizsite.quizzes.regrading import begin, commit, summary
from quizsite.quizzes.services import (
    NotSelfCheckable,
    finish_attempt,
    load_quizzes,
    save_answer,
    self_check,
    start_attempt,
)
from quizsite.quizzes.types.base import MAX_ANSWER
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, UserFactory, enrol
from tests.quizzes.conftest import OPEN, RUBRIC, response, write_quiz

pytestmark = pytest.mark.django_db
ESSAY, FACTS = 1, 2  # positions
WORDS = "<script>alert(1)</script> Польза есть."


@pytest.fixture
def quiz(chapters_dir, chapter) -> Quiz:
    """An essay with a rubric, and a question with reference points."""
    write_quiz(chapters_dir / "01-trial", RUBRIC, OPEN)
    load_quizzes(chapters_dir)
    return Quiz.objects.get()


@pytest.fixture
def assignment(course, quiz):
    return AssignmentFactory(
        course=course, kind=ItemKind.QUIZ, item="trial", title="Квиз"
    )


@pytest.fixture
def written(quiz, assignment, bob):
    """A finished attempt of the course, with both answers."""

    def make(user=bob) -> Attempt:
        attempt = start_attempt(
            quiz=quiz, user=user, guest_key="", assignment=assignment
        )
        for position in (ESSAY, FACTS):
            save_answer(response=response(attempt, position), raw=WORDS, certainty=None)
        finish_attempt(attempt=attempt)
        attempt.refresh_from_db()
        return attempt

    return make


@pytest.fixture
def essay(written) -> Response:
    return response(written(), ESSAY)


def mark(answer: Response, marker, levels=(1, 1), comment="", based_on=0) -> OpenMark:
    judgement = Judgement(list(levels), comment)
    return record_mark(
        response=answer, marker=marker, judgement=judgement, based_on=based_on
    )


def page_of(answer: Response) -> str:
    return f"/courses/alices/marking/{answer.pk}/"


class TestRecording:
    def test_the_score_is_not_final_before(self, essay):
        assert essay.attempt.unmarked == 1
        assert essay.mark is None

    def test_it_becomes_the_mark_the_score_and_the_grade(self, essay, alice):
        mark(essay, alice, (1, 1))  # 1 of 3 and 1 of 1
        essay.refresh_from_db()
        attempt = Attempt.objects.get(pk=essay.attempt_id)
        assert essay.mark == pytest.approx(0.5)
        assert attempt.unmarked == 0
        assert attempt.score == pytest.approx(2)  # of its four points
        assert GradeEvent.objects.last().share == pytest.approx(
            attempt.score / attempt.max_score
        )

    def test_the_reader_is_told_once_a_retry_repeats_it(self, essay, alice, bob):
        told = Notice.objects.filter(user=bob)
        before = told.count()
        first = mark(essay, alice)
        assert mark(essay, alice) == first
        assert told.count() == before + 1
        assert OpenMark.objects.count() == 1

    def test_a_correction_is_appended(self, essay, alice):
        mark(essay, alice, (0, 0))
        mark(essay, alice, (2, 1), based_on=1)
        assert [one.share for one in essay.open_marks.all()] == [0, 1]
        essay.refresh_from_db()
        assert essay.mark == 1

    def test_one_who_has_not_seen_the_last_mark_is_refused(self, essay, alice):
        mark(essay, alice, (0, 0))
        with pytest.raises(AlreadyMarked) as refusal:
            mark(essay, UserFactory(), (2, 1))
        assert refusal.value.latest.marker == alice
        assert essay.open_marks.count() == 1

    @pytest.mark.parametrize("levels", [(), (1,), (3, 0), (0, 2), (-1, 0), (0, 0, 0)])
    def test_levels_that_the_rubric_has_not_are_refused(self, essay, alice, levels):
        with pytest.raises(NotMarkable):
            mark(essay, alice, levels)
        assert not OpenMark.objects.exists()

    def test_an_answer_that_is_still_written_is_not_marked(
        self, quiz, assignment, alice, bob
    ):
        running = start_attempt(
            quiz=quiz, user=bob, guest_key="", assignment=assignment
        )
        with pytest.raises(NotMarkable):
            mark(response(running, ESSAY), alice)

    def test_after_it_the_own_comparison_stands(self, essay, alice):
        mark(essay, alice)
        with pytest.raises(NotSelfCheckable):
            self_check(response=essay, levels=[0, 0])


class TestQueue:
    def test_essays_wait_the_oldest_first(self, written, course):
        attempts = [written(), written()]
        waiting = Queue(course).ids
        assert waiting == [response(one, ESSAY).pk for one in attempts]

    def test_the_sample_is_of_what_was_compared_and_the_same_for_all(
        self, written, course, alice
    ):
        attempts = [written() for _ in range(4)]
        for one in attempts[:3]:
            self_check(response=response(one, FACTS), levels=[1, 0, 1])
        sample = Queue(course, Which.SAMPLE, size=2).ids
        assert len(sample) == 2
        assert Queue(course, Which.SAMPLE, size=2).ids == sample
        mark(Response.objects.get(pk=sample[0]), alice, (1, 1, 1))
        assert Queue(course, Which.SAMPLE, size=2).ids == sample[1:]

    def test_two_markers_are_given_two_answers(self, written, course, alice):
        written(), written()
        queue, other = Queue(course), UserFactory()
        assert queue.take(alice) != queue.take(other)
        assert Queue(course).take(UserFactory()) is None

    def test_a_lease_runs_out(self, written, course, alice):
        written()
        taken = Queue(course).take(alice)
        MarkingLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert Queue(course).take(UserFactory()) == taken

    def test_one_marker_holds_one_answer(self, written, course, alice):
        written(), written()
        first = Queue(course).take(alice)
        assert Queue(course).take(alice, after=first) != first
        assert MarkingLease.objects.count() == 1


class TestAgreement:
    def test_kappa_of_a_table_of_cohens_kind(self):
        # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = 0.7, p_e = 0.5, κ = 0.4.
        table = {(1, 1): 20, (1, 0): 5, (0, 1): 10, (0, 0): 15}
        pairs = [([a], [b]) for (a, b), n in table.items() for _ in range(n)]
        assert pooled_kappa(pairs) == pytest.approx(0.4)

    def test_who_always_says_the_same_explains_nothing(self):
        assert pooled_kappa([([1], [1])] * 10) is None

    def test_of_few_answers_there_is_a_share_and_no_kappa(self, essay, course, alice):
        self_check(response=essay, levels=[1, 0])
        mark(essay, alice, (1, 1))
        (found,) = agreements(open_answers(course))
        assert (found.answers, found.share, found.kappa) == (1, 0.5, None)

    def test_the_number_of_queries_does_not_grow(
        self, written, course, alice, django_assert_num_queries
    ):
        for _ in range(3):
            answer = response(written(), ESSAY)
            self_check(response=answer, levels=[1, 0])
            mark(answer, alice)
        with django_assert_num_queries(2):
            agreements(open_answers(course))


def test_an_essay_of_a_course_that_was_not_written_is_worth_nothing(
    quiz, assignment, bob
):
    attempt = start_attempt(quiz=quiz, user=bob, guest_key="", assignment=assignment)
    finish_attempt(attempt=attempt)
    assert (attempt.score, attempt.max_score, attempt.unmarked) == (0, 4, 0)


def test_alone_an_essay_is_nobodys_to_mark(quiz, bob, as_bob):
    attempt = start_attempt(quiz=quiz, user=bob, guest_key="")
    save_answer(response=response(attempt, ESSAY), raw=WORDS, certainty=None)
    finish_attempt(attempt=attempt)
    assert attempt.unmarked == 0
    page = as_bob.get(attempt.get_absolute_url()).content.decode()
    assert "Оцените себя по рубрике" in page and "ждёт проверки" not in page


class TestRegrading:
    def test_what_an_instructor_said_stays(self, essay, alice, chapters_dir):
        mark(essay, alice)
        mended = RUBRIC.replace("Образец эссе.", "Лучший образец.")
        write_quiz(chapters_dir / "01-trial", mended, OPEN)
        load_quizzes(chapters_dir)
        commit(regrade=begin(question=essay.version.question))
        answer = response(essay.attempt, ESSAY)
        assert answer.version_id != essay.version_id
        assert answer.mark == answer.credit == pytest.approx(0.5)

    def test_another_rubric_is_another_question(self, essay, alice, chapters_dir):
        mark(essay, alice)
        mended = RUBRIC.replace("points: 3", "points: 2")
        write_quiz(chapters_dir / "01-trial", mended, OPEN)
        load_quizzes(chapters_dir)
        regrade = begin(question=essay.version.question)
        assert summary(regrade).untouched == 1
        commit(regrade=regrade)
        assert response(essay.attempt, ESSAY).version_id == essay.version_id


class TestPages:
    def test_only_those_who_teach_see_them(
        self, essay, as_bob, as_charlie, charlie, course, client
    ):
        others = UserFactory()
        enrol(AssignmentFactory().course, others, role=Role.INSTRUCTOR)
        for page in ("/courses/alices/marking/", page_of(essay)):
            for stranger in (as_bob, as_charlie, signed_in(others)):
                assert stranger.get(page).status_code == 404
            assert "/accounts/login/" in client.get(page).url
        for tail in ("take/", "names/"):
            assert as_bob.post(f"/courses/alices/marking/{tail}").status_code == 404
        assert as_charlie.post(page_of(essay), {"level-1": 1}).status_code == 404
        assert not OpenMark.objects.exists()

    def test_answers_outside_of_courses_are_for_staff(self, essay, as_alice):
        assert as_alice.get("/marking/").status_code == 404
        staff = signed_in(UserFactory(is_staff=True))
        assert staff.get("/marking/").status_code == 200
        assert staff.get(f"/marking/{essay.pk}/").status_code == 404

    def test_an_answer_is_text_and_nameless(self, essay, as_alice):
        page = as_alice.get(page_of(essay)).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
        assert "Боб" not in page

    def test_a_million_characters_are_shown_as_far_as_anybody_writes(
        self, essay, as_alice
    ):
        Response.objects.filter(pk=essay.pk).update(answer="щ" * 1_000_000)
        page = as_alice.get(page_of(essay)).content.decode()
        assert MAX_ANSWER <= page.count("щ") < MAX_ANSWER + 1000

    def test_names_are_shown_when_asked_for(self, essay, bob, as_alice):
        as_alice.post("/courses/alices/marking/names/", {"show": "yes"})
        assert bob.shown_name in as_alice.get(page_of(essay)).content.decode()
        as_alice.post("/courses/alices/marking/names/")
        assert bob.shown_name not in as_alice.get(page_of(essay)).content.decode()

    def test_one_after_another(self, written, as_alice):
        first, second = written(), written()
        begun = as_alice.post("/courses/alices/marking/take/")
        assert page_of(response(first, ESSAY)) in begun.url
        sent = {"level-1": 2, "level-2": 0, "comment": "Верно.", "based_on": 0}
        following = as_alice.post(begun.url, sent)
        assert page_of(response(second, ESSAY)) in following.url
        assert response(first, ESSAY).mark == pytest.approx(0.75)

    def test_a_row_without_a_level_loses_nothing(self, essay, as_alice):
        sent = {"level-1": 2, "comment": "Почти.", "based_on": 0}
        refused = as_alice.post(page_of(essay), sent)
        page = refused.content.decode()
        assert refused.status_code == 422
        assert "Выберите уровень" in page and "Почти." in page
        assert not OpenMark.objects.exists()

    def test_a_conflict_shows_both(self, essay, alice, as_alice):
        mark(essay, UserFactory(display_name="Дина"), (0, 0), "Слабо.")
        sent = {"level-1": 2, "level-2": 1, "comment": "Сильно.", "based_on": 0}
        refused = as_alice.post(page_of(essay), sent)
        page = refused.content.decode()
        assert refused.status_code == 409
        assert "Слабо." in page and "Сильно." in page and "Дина" in page
        again = as_alice.post(page_of(essay), sent | {"based_on": 1})
        assert again.status_code == 302
        assert essay.open_marks.count() == 2

    def test_the_reader_sees_both_and_what_differs(self, essay, alice, as_bob):
        self_check(response=essay, levels=[2, 1])
        mark(essay, alice, (1, 1), "Докажите пользу.")
        shown = as_bob.get(essay.attempt.get_absolute_url(), follow=True)
        page = shown.content.decode()
        assert "Докажите пользу." in page
        assert "расходится" in page
