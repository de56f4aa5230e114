"""Instructors mark open answers through the API, by the rules of the pages."""

from __future__ import annotations

import pytest

from quizsite.courses.models import ItemKind, Role
from quizsite.quizzes.models import OpenMark, Question, QuestionVersion, Response
from quizsite.quizzes.questions import digest_of
from quizsite.quizzes.services import finish_attempt, response_at, save_answer
from quizsite.quizzes.services import start_attempt as start
from quizsite.quizzes.types.base import MAX_ANSWER
from tests.api.conftest import Api, assert_problem
from tests.factories import AssignmentFactory, UserFactory, enrol

QUEUE = "courses/alices/marking/"
FACTS, ESSAY = 8, 9  # positions
RUBRIC = {
    "id": "essay",
    "type": "open",
    "section": 1,
    "text": "Рассудите.",
    "explanation": "Вот как.",
    "sample": "Образец.",
    "rubric": [
        {
            "name": "Польза",
            "levels": [{"points": 0, "text": "нет"}, {"points": 3, "text": "есть"}],
        },
        {
            "name": "Вред",
            "levels": [{"points": 0, "text": "нет"}, {"points": 1, "text": "есть"}],
        },
    ],
}


@pytest.fixture
def alices(alice) -> Api:
    return Api(alice)


@pytest.fixture
def assignment(course, quiz):
    question = Question.objects.create(quiz=quiz, slug="essay", position=ESSAY)
    QuestionVersion.objects.create(
        question=question,
        number=1,
        digest=digest_of(RUBRIC),
        type="open",
        section=1,
        spec=RUBRIC,
    )
    return AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="transformer")


@pytest.fixture
def finished(assignment, quiz, bob):
    attempt = start(quiz=quiz, user=bob, guest_key="", assignment=assignment)
    for position in (FACTS, ESSAY):
        save_answer(response=response_at(attempt, position), raw="Ответ Боба.")
    finish_attempt(attempt=attempt)
    return attempt


@pytest.fixture
def essay(finished) -> Response:
    return response_at(finished, ESSAY)


def marks(response: Response) -> str:
    return f"{QUEUE}{response.pk}/marks/"


MARK = {"levels": [1, 0], "comment": "Назовите вред.", "based_on": 0}


def test_the_queue_is_nameless_unless_names_are_asked_for(alices, essay):
    (row,) = alices.get(QUEUE).json["results"]
    assert (row["id"], row["question"], row["mark"]) == (essay.pk, "essay", None)
    assert row["student"] is None
    (row,) = alices.get(QUEUE, {"names": "true"}).json["results"]
    assert row["student"] == "Боб"


def test_a_question_and_a_quiz_are_filters(alices, essay):
    question = essay.version.question_id
    assert alices.get(QUEUE, {"question": question}).json["count"] == 1
    assert alices.get(QUEUE, {"quiz": "transformer"}).json["count"] == 1
    for unknown in ({"which": "lost"}, {"question": question + 1}, {"quiz": "gan"}):
        assert_problem(alices.get(QUEUE, unknown), 422, "invalid")
        assert_problem(alices.post(f"{QUEUE}take/", unknown), 422, "invalid")


def test_an_answer_is_taken_marked_and_gone_from_the_queue(alices, essay):
    taken = alices.post(f"{QUEUE}take/").json
    assert taken["id"] == essay.pk
    assert taken["answer"] == "Ответ Боба."
    assert taken["student"] is None
    assert [len(one["levels"]) for one in taken["criteria"]] == [2, 2]
    given = alices.post(marks(essay), MARK)
    assert given.status == 201
    assert (given.json["number"], given.json["share"]) == (1, 0.75)
    assert alices.post(f"{QUEUE}take/").status == 204
    detail = alices.get(f"{QUEUE}{essay.pk}/").json
    assert [one["comment"] for one in detail["marks"]] == ["Назовите вред."]


def test_two_instructors_are_not_given_the_same_answer(alices, essay, course):
    other = UserFactory()
    enrol(course, other, role=Role.INSTRUCTOR)
    assert alices.post(f"{QUEUE}take/").status == 200
    assert Api(other).post(f"{QUEUE}take/").status == 204


def test_a_second_mark_is_a_conflict_until_it_says_what_it_overrules(
    alices, essay, course
):
    other = UserFactory()
    enrol(course, other, role=Role.INSTRUCTOR)
    assert Api(other).post(marks(essay), MARK | {"levels": [0, 0]}).status == 201
    assert_problem(alices.post(marks(essay), MARK), 409, "conflict")
    assert essay.open_marks.count() == 1
    assert alices.post(marks(essay), MARK | {"based_on": 1}).status == 201
    assert alices.post(marks(essay), MARK | {"based_on": 1}).status == 201  # a retry
    assert essay.open_marks.count() == 2


@pytest.mark.parametrize("levels", [[], [1], [1, 2], [1, 0, 0], [-1, 0], ["x", 0]])
def test_what_is_no_level_is_refused(alices, essay, levels):
    assert_problem(alices.post(marks(essay), MARK | {"levels": levels}), 422, "invalid")
    assert not OpenMark.objects.exists()


def test_the_reader_is_shown_mark_comment_and_agreement(alices, bobs, essay):
    attempt = f"attempts/{essay.attempt_id}/"
    before = bobs.get(f"{attempt}result/").json
    assert before["unmarked"] == 1
    assert before["questions"][ESSAY - 1]["open"]["awaits_mark"]
    checked = bobs.put(f"{attempt}answers/{ESSAY}/self-check/", {"levels": [1, 1]})
    assert checked.json["self_levels"] == [1, 1]
    alices.post(marks(essay), MARK)
    after = bobs.get(f"{attempt}result/").json
    opened = after["questions"][ESSAY - 1]["open"]
    assert after["unmarked"] == 0
    assert opened["given"]["comment"] == "Назовите вред."
    assert opened["agreement"] == {"same": 1, "total": 2}
    late = bobs.put(f"{attempt}answers/{ESSAY}/self-check/", {"levels": [1, 0]})
    assert_problem(late, 409, "conflict")
    (row,) = alices.get(f"{QUEUE}agreement/").json
    assert (row["question"], row["answers"], row["share"]) == ("essay", 1, 0.5)
    assert row["kappa"] is None


def test_an_own_comparison_has_a_level_for_each_criterion(bobs, essay):
    address = f"attempts/{essay.attempt_id}/answers/{ESSAY}/self-check/"
    assert_problem(bobs.put(address, {"levels": [1]}), 422, "invalid")
    choice = f"attempts/{essay.attempt_id}/answers/1/self-check/"
    assert_problem(bobs.put(choice, {"levels": [1]}), 409, "conflict")


# --- who may -----------------------------------------------------------------------


def addresses(essay: Response) -> list[tuple[str, str]]:
    """All of it, in a course and outside of courses."""
    return [
        (method, f"{queue}{tail}")
        for queue in (QUEUE, "marking/")
        for method, tail in (
            ("get", ""),
            ("post", "take/"),
            ("get", "agreement/"),
            ("get", f"{essay.pk}/"),
            ("post", f"{essay.pk}/marks/"),
        )
    ]


def test_students_strangers_and_teachers_of_others_find_nothing(
    essay, bobs, charlies, db
):
    other = UserFactory()
    enrol(AssignmentFactory().course, other, role=Role.INSTRUCTOR)
    for api in (bobs, charlies, Api(other)):
        for method, address in addresses(essay):
            sent = MARK if method == "post" else {"which": "lost"}
            assert api(method, address, sent).status == 404, address
    own = f"attempts/{essay.attempt_id}/answers/{ESSAY}/self-check/"
    assert charlies.put(own, {"levels": [1, 1]}).status == 404
    assert not OpenMark.objects.exists()


def test_a_guest_has_to_sign_in(essay, guest):
    for method, address in addresses(essay):
        assert_problem(guest(method, address, MARK), 401, "unauthenticated")


def test_marking_takes_the_scope_of_staff(essay, alice):
    reader = Api(alice, scopes=["read", "attempts"])
    assert reader.get(QUEUE).status == 200
    assert_problem(reader.post(f"{QUEUE}take/"), 403, "forbidden")
    assert_problem(reader.post(marks(essay), MARK), 403, "forbidden")


def test_an_instructor_marks_no_answer_from_outside_the_course(alices, essay, quiz):
    stranger = UserFactory()
    attempt = start(quiz=quiz, user=stranger, guest_key="")
    save_answer(response=response_at(attempt, ESSAY), raw="Чужое.")
    finish_attempt(attempt=attempt)
    theirs = response_at(attempt, ESSAY)
    assert alices.post(marks(theirs), MARK).status == 404
    staff = Api(UserFactory(is_staff=True))
    assert staff.post(f"marking/{theirs.pk}/marks/", MARK).status == 201


# --- what is hostile ---------------------------------------------------------------


def test_a_million_characters_are_bounded(alices, essay):
    Response.objects.filter(pk=essay.pk).update(answer="я" * 1_000_000)
    shown = alices.get(f"{QUEUE}{essay.pk}/")
    assert len(shown.json["answer"]) == MAX_ANSWER + 1


@pytest.mark.parametrize("comment", ["\0", "а\ud800", "я" * 4001])
def test_a_comment_that_no_database_keeps_is_refused(alices, essay, comment):
    refused = alices.post(marks(essay), MARK | {"comment": comment})
    assert_problem(refused, 422, "invalid")
    assert not OpenMark.objects.exists()


def test_a_number_beyond_every_database_is_nobodys(alices, essay):
    assert alices.get(f"{QUEUE}{10**30}/").status == 404
