"""One of everything that a page of the site can show, and who is there to see it.

The addresses below are by the names of URL patterns: each with the arguments of every
state of the page that looks different.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.test import Client
from django.utils import timezone

from exercises.spec import load_exercise
from graders.report import RecognisedMistake
from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.accounts.notices import notify
from quizsite.accounts.services import setup_link
from quizsite.api.services import issue_token
from quizsite.courses.models import Assignment, Course, ItemKind, Override, Role
from quizsite.courses.services import record_submission_grade
from quizsite.learning.encounters import note_submission
from quizsite.learning.models import Card
from quizsite.quizzes import regrading as question_regrading
from quizsite.quizzes.marking.recording import Judgement, record_mark
from quizsite.quizzes.misconceptions import tag_of_mistake
from quizsite.quizzes.models import Attempt, QuestionVersion, Quiz, Response
from quizsite.quizzes.services import (
    check_answer,
    finish_attempt,
    responses_of,
    save_answer,
    start_attempt,
)
from quizsite.submissions.models import (
    OutboxMessage,
    Regrade,
    Regrading,
    Stage,
    Submission,
)
from tests.conftest import signed_in
from tests.factories import (
    AssignmentFactory,
    CourseFactory,
    SubmissionFactory,
    UserFactory,
    enrol,
)
from tests.submissions.reports import HEAT_MAP, VALUES, check, graded

EXERCISE = "tr_attention"
CHAPTER = "training"
OVERVIEWS = [
    f"dashboards:{name}"
    for name in ("course", "submissions", "attempts", "misconceptions")
]
# Between them the quizzes of these chapters have questions of every type.
RUNNING = {
    "introduction": "practice",
    "mlp": "practice",
    "training": "cbm",
    "training-simplification": "test",
}
FINISHED = {"mlp", "training"}


@dataclass
class World:
    """Bob studies in Alice's course, the staff run the site, a guest has come by."""

    alice: User
    bob: User
    staff: User
    course: Course
    guest: Client = field(default_factory=Client)
    args: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def client(self, who: str) -> Client:
        return self.guest if who == "guest" else signed_in(getattr(self, who))


def build() -> World:
    """All of it, on a site with the book's content."""
    alice = UserFactory(username="alice", display_name="Алиса")
    bob = UserFactory(username="bob", display_name="Боб")
    staff = UserFactory(username="staff", display_name="Сотрудник", is_staff=True)
    course = CourseFactory(title="Курс Алисы", slug="alices", description="О $x$.")
    enrol(course, alice, role=Role.INSTRUCTOR)
    enrol(course, bob)
    world = World(alice, bob, staff, course)
    _assign(world)
    _take_quizzes(world)
    _regrade_a_question(world)
    _submit(world)
    _regrade_submissions(world)
    _come_as_a_guest(world)
    _name_the_rest(world)
    return world


def _assign(world: World) -> None:
    soon = timezone.now() + timedelta(days=3)
    for chapter in ("training", "transformer"):
        AssignmentFactory(
            course=world.course, kind=ItemKind.QUIZ, item=chapter, title=chapter
        )
    AssignmentFactory(course=world.course, item=EXERCISE, due_at=soon)
    Assignment.objects.filter(item="transformer").update(
        behaviour="exam", closes_at=soon, time_limit=45, max_attempts=2
    )
    for assignment in Assignment.objects.all():
        Override.objects.create(
            assignment=assignment,
            user=world.bob,
            time_factor=1.5,
            due_at=soon,
            reason="Справка",
            granted_by=world.alice,
        )
        page = "terms" if assignment.is_quiz else "exercise_overrides"
        world.args[f"courses:{page}"].append(("alices", assignment.item))


# --- quizzes ------------------------------------------------------------------


def _take_quizzes(world: World) -> None:
    for chapter, behaviour in RUNNING.items():
        if chapter in FINISHED:
            over = _take(world.bob, chapter, "cbm")
            finish_attempt(attempt=over)
            world.args["quizzes:result"].append((over.pk,))
        running = _take(world.bob, chapter, behaviour)
        world.args["quizzes:attempt"].append((running.pk,))
    world.args["quizzes:finish"].append((running.pk,))
    assignment = Assignment.objects.get(item="transformer")
    exam = start_attempt(
        quiz=Quiz.objects.get(chapter__slug="transformer"),
        user=world.bob,
        guest_key="",
        assignment=assignment,
    )
    world.args["quizzes:attempt"].append((exam.pk,))
    undecided = Response.objects.filter(version__type="formula").exclude(answer=None)
    undecided.update(feedback={"undecided": True})
    _mark_an_essay(world)
    Card.objects.update(due=timezone.now())
    notify(user_id=world.bob.pk, text="Вопрос проверен заново.", address="/")


def _take(user: User, chapter: str, behaviour: str) -> Attempt:
    quiz = Quiz.objects.get(chapter__slug=chapter)
    attempt = start_attempt(
        quiz=quiz,
        user=user,
        guest_key="",
        behaviour=behaviour,
        asks_certainty=behaviour != "test",
    )
    for response in responses_of(attempt):
        _answer(response, behaviour)
    return attempt


def _mark_an_essay(world: World) -> None:
    """Two of Bob's wait for Alice, who has marked one of them."""
    AssignmentFactory(
        course=world.course, kind=ItemKind.QUIZ, item="introduction", title="Введение"
    )
    assignment = Assignment.objects.get(item="introduction")
    quiz = Quiz.objects.get(chapter__slug="introduction")
    for _ in range(2):
        attempt = start_attempt(
            quiz=quiz, user=world.bob, guest_key="", assignment=assignment
        )
        essay = next(
            one for one in responses_of(attempt) if "rubric" in one.version.spec
        )
        save_answer(response=essay, raw="Польза есть, и **вред** тоже.", certainty=None)
        finish_attempt(attempt=attempt)
        world.args["quizzes:result"].append((attempt.pk,))
        world.args["quizzes:mark"].append(("alices", essay.pk))
    record_mark(
        response=essay,
        marker=world.alice,
        judgement=Judgement([1] * len(essay.variant.drawn.criteria), "Почему $x$?"),
        based_on=0,
    )


def _answer(response: Response, behaviour: str) -> None:
    """By turns right, wrong, unreadable and not at all."""
    variant = response.variant
    wrong = variant.drawn.wrong_answers()
    turn = response.position % 4
    if turn == 3 and wrong:
        save_answer(response=response, raw=wrong[0], certainty=2)
    elif turn == 1 or variant.question.type in ("formula", "parsons", "vector", "set"):
        save_answer(response=response, raw=variant.key, certainty=3)
    elif turn == 2 and variant.question.type == "numeric":
        save_answer(response=response, raw="1x", certainty=None)
        return
    response.refresh_from_db()
    if behaviour == "practice" and response.answer and variant.key:
        check_answer(response=response)


def _regrade_a_question(world: World) -> None:
    """Its key was mended, and Bob's answer is worth more now."""
    mended = Response.objects.filter(
        attempt__finished_at__isnull=False, mark=1, version__type="numeric"
    )
    response = mended.select_related("version__question").first()
    assert response is not None
    old = response.version
    QuestionVersion.objects.create(
        question=old.question,
        number=old.number + 1,
        digest=f"{old.digest[:-1]}~",
        type=old.type,
        section=old.section,
        spec=old.spec,
    )
    Response.objects.filter(pk=response.pk).update(credit=0)
    regrade = question_regrading.begin(question=old.question, requested_by=world.staff)
    world.args["quizzes:regrade"].append((regrade.pk,))


# --- submissions --------------------------------------------------------------


def _submit(world: World) -> None:
    bob = world.bob
    mistake = RecognisedMistake("no_scale", "Похоже, нет деления на $\\sqrt{d}$.")
    shapes = [{"axis": n, "expected": n, "actual": 7} for n in range(3)]
    wrong = graded(
        bob,
        Verdict.PARTIAL,
        checks=(
            check(passed=True, points=1.5, inputs="q = torch.zeros(2)", stdout="да"),
            check(details=VALUES | {"heat_map": HEAT_MAP}),
            check(details={"difference": "shape", "axes": shapes}),
            check(details={"difference": "raised", "line": 2, "cell": None}),
        ),
        mistake=mistake,
        timing_ms={"run": 12.0},
    )
    crashed = graded(
        bob, Verdict.RUNTIME_ERROR, 0.0, traceback="строка 2: ZeroDivisionError"
    )
    right = graded(bob, Verdict.ACCEPTED, 1.0, checks=(check(passed=True),))
    ours = graded(bob, Verdict.SYSTEM_ERROR, 0.0)
    digest = load_exercise(EXERCISE).digest
    Submission.objects.filter(pk=wrong.pk).update(exercise_digest=digest)
    record_submission_grade(submission=wrong)
    note_submission(submission=wrong)
    tag = tag_of_mistake(EXERCISE, mistake.id)
    world.args["dashboards:misconception"].append(("alices", tag))
    waiting = [_queued(bob, "grading.cpu"), _queued(bob, "grading.gpu")]
    world.args["submissions:detail"] += [
        (one.pk,) for one in (wrong, crashed, right, ours, *waiting)
    ]
    for name in ("replay", "replay_all"):
        world.args[f"submissions:{name}"].append((wrong.pk,))


def _queued(user: User, queue: str) -> Submission:
    submission = SubmissionFactory(user=user)
    OutboxMessage.objects.create(
        submission=submission, queue=queue, sent_at=timezone.now()
    )
    return submission


def _regrade_submissions(world: World) -> None:
    """One that runs, and one that waits for somebody's decision."""
    done = Submission.objects.filter(state="done", verdict=Verdict.PARTIAL)
    for stage, only in ((Stage.GRADING, ""), (Stage.READY, "0" * 64)):
        regrade = Regrade.objects.create(
            exercise=EXERCISE,
            exercise_digest="f" * 64,
            only_digest=only,
            stage=stage,
            requested_by=world.staff,
        )
        for submission in done:
            Regrading.objects.create(
                regrade=regrade,
                submission=submission,
                old_verdict=submission.verdict,
                old_score=submission.score,
                verdict=Verdict.ACCEPTED,
                score=1.0,
                report=submission.report,
                state="done",
            )
        world.args["submissions:regrade"].append((regrade.pk,))


# --- the rest -----------------------------------------------------------------


def _come_as_a_guest(world: World) -> None:
    for chapter in ("introduction", "tasks"):
        world.guest.post(f"/chapters/{chapter}/quiz/", {"behaviour": "test"})
    running, over = Attempt.objects.filter(user=None).order_by("started_at")
    finish_attempt(attempt=over)
    world.args["quizzes:attempt"].append((running.pk,))
    world.args["quizzes:finish"].append((running.pk,))
    world.args["quizzes:result"].append((over.pk,))


def _name_the_rest(world: World) -> None:
    issue_token(user=world.bob, name="тетрадь", scopes=["read"], days=30)
    world.args["book:chapter"] += [(CHAPTER,), ("graphs",)]
    world.args["quizzes:start"] += [(CHAPTER,), ("transformer",)]
    address = EmailAddress.objects.create(user=world.bob, email="bob@example.org")
    key = EmailConfirmationHMAC(address).key
    world.args["account_confirm_email"] += [(key,), ("worn-out",)]
    world.args["account_reset_password_from_key"].append(("1", "worn-out"))
    token = (setup_link(site_url="") or "").rstrip("/").rpartition("/")[2]
    world.args["accounts:setup"].append((token,))
    world.args["quizzes:preview"] += [("02-mlp",), ("03-training",)]
    world.args["submissions:exercise"] += [(EXERCISE,), ("simp_layernorm_fused",)]
    for page in ("courses:detail", "courses:edit", "quizzes:marking", *OVERVIEWS):
        world.args[page].append(("alices",))
    world.args["dashboards:exercise"].append(("alices", EXERCISE))
    world.args["dashboards:quiz"].append(("alices", CHAPTER))
