from __future__ import annotations

import pytest

from quizsite.courses.services import record_attempt_grade, record_submission_grade
from quizsite.quizzes.models import Attempt, Question, QuestionVersion, Quiz, Response
from quizsite.submissions.models import State, Submission
from tests.factories import AssignmentFactory, ChapterFactory, SubmissionFactory


@pytest.fixture
def exercise(course):
    """An exercise that Alice's course assigns."""
    return AssignmentFactory(course=course, item="tr_attention", title="Внимание")


@pytest.fixture
def quiz(course):
    """A quiz of two questions that Alice's course assigns."""
    made = Quiz.objects.create(chapter=ChapterFactory(slug="transformer"), title="Квиз")
    for position in (1, 2):
        question = Question.objects.create(
            quiz=made, slug=f"q{position}", position=position
        )
        QuestionVersion.objects.create(
            question=question,
            number=1,
            digest="0",
            type="single",
            section=1,
            spec={"text": f"Чему равно $x_0=@{{x0}}$, вопрос {position}?"},
        )
    AssignmentFactory(course=course, kind="quiz", item="transformer", title="Квиз 15")
    return made


def sent(user, verdict="accepted", score=1.0, **fields) -> Submission:
    values = {"state": State.DONE, "verdict": verdict, "score": score, **fields}
    submission = SubmissionFactory(user=user, **values)
    record_submission_grade(submission=submission)
    return submission


def taken(user, quiz, when, marks=(1.0, 0.0), feedback=None) -> Attempt:
    attempt = Attempt.objects.create(
        quiz=quiz,
        user=user,
        seed=b"s" * 16,
        finished_at=when,
        score=sum(marks),
        max_score=len(marks),
    )
    for position, (question, mark) in enumerate(
        zip(quiz.questions.all(), marks, strict=True)
    ):
        Response.objects.create(
            attempt=attempt,
            version=question.current,
            position=position,
            mark=mark,
            feedback=feedback or {},
        )
    record_attempt_grade(attempt=attempt)
    return attempt
