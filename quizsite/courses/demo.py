"""A small course to look at, with invented students and their work.

Attempts go through the quizzes' own services. Submissions are the exercises' known
right and wrong solutions, queued for the real grader: no verdict is made up. Who does
what, and how well, is drawn from the names, so it comes out the same everywhere; a
second call adds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from exercises.spec import Exercise, load_exercise
from quizsite.accounts.models import User
from quizsite.courses.course_file import CourseFile, Invented, read_course_file
from quizsite.courses.models import (
    Assignment,
    Course,
    Enrolment,
    GradeEvent,
    ItemKind,
    Role,
)
from quizsite.courses.services import Item, assign
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.services import (
    finish_attempt,
    responses_of,
    save_answer,
    start_attempt,
)
from quizsite.submissions.models import Submission
from quizsite.submissions.services import submit

BEGAN_DAYS_AGO = 21  # so that some deadlines are over, and some work is late
MAX_SUBMISSIONS = 40  # a minute's work for the grader, not an hour's


@dataclass(frozen=True, slots=True)
class Student:
    user: User
    course: str

    @property
    def skill(self) -> float:
        """From 0 to 1; the weakest of them is not hopeless."""
        return self.dice("skill").uniform(0.25, 0.95)

    def dice(self, purpose: str) -> Random:
        # The same on every machine, and whatever else has been drawn before.
        return Random(f"{self.course}/{self.user.username}/{purpose}")


@transaction.atomic
def load_demo_course(*, owner: User, path: Path | None = None) -> Course:
    """Make the demo course, or what is missing of it; the owner teaches in it.

    Raises:
        DocumentError: its file is malformed or assigns what is not there.
    """
    wanted = read_course_file(path or settings.COURSES_DIR / "demo.yaml")
    course = _course(wanted)
    _enrol(course, owner, Role.INSTRUCTOR)
    _enrol(course, _invent(wanted.instructor), Role.INSTRUCTOR)
    students = [_student(course, one) for one in wanted.students]
    for student in students:
        _take_quizzes(course, student)
    _hand_in(course, students)
    return course


def _course(wanted: CourseFile) -> Course:
    values = {"title": wanted.title, "join_code": wanted.join_code}
    course, is_new = Course.objects.get_or_create(slug=wanted.slug, defaults=values)
    if is_new:
        assign(course=course, items=_items(wanted))
    return course


def _items(wanted: CourseFile) -> Iterator[Item]:
    today = timezone.localtime().replace(hour=23, minute=59, second=0, microsecond=0)
    for one in wanted.assignments:
        due_at = today + timedelta(days=one.due_days - BEGAN_DAYS_AGO)
        yield Item(one.kind, one.slug, one.title, due_at)


def _enrol(course: Course, user: User, role: Role) -> None:
    defaults = {"role": role}
    Enrolment.objects.get_or_create(course=course, user=user, defaults=defaults)


def _invent(person: Invented) -> User:
    """The person's account; nobody can sign in to it, and no real one is taken."""
    name = person.username
    taken = User.objects.filter(username=name).first()
    if taken and taken.has_usable_password():
        name = f"{name}.demo"
    user, is_new = User.objects.get_or_create(
        username=name, defaults={"display_name": person.display_name}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _student(course: Course, person: Invented) -> Student:
    user = _invent(person)
    _enrol(course, user, Role.STUDENT)
    return Student(user, course.slug)


def _moment(dice: Random) -> datetime:
    """Some time since the course began."""
    hours = dice.uniform(24, 24 * (BEGAN_DAYS_AGO - 1))
    return timezone.now() - timedelta(hours=hours)


# --- quizzes ------------------------------------------------------------------


def _take_quizzes(course: Course, student: Student) -> None:
    for assignment in course.assignments.filter(kind=ItemKind.QUIZ):
        quiz = Quiz.objects.get(chapter__slug=assignment.item)
        dice = student.dice(assignment.item)
        done = Attempt.objects.filter(user=student.user, quiz=quiz).exists()
        if dice.random() < 0.5 + student.skill / 2 and not done:
            _take(quiz, assignment, student, dice)


def _take(quiz: Quiz, assignment: Assignment, student: Student, dice: Random) -> None:
    attempt = start_attempt(
        quiz=quiz, user=student.user, guest_key="", assignment=assignment
    )
    attempt.seed = _seed(quiz, student.user)
    attempt.save(update_fields=["seed"])
    for response in responses_of(attempt):
        _answer(response, student.skill, dice)
    if dice.random() < 0.9:  # somebody always leaves it open
        finish_attempt(attempt=attempt)
        _date_back(attempt, dice)


def _seed(quiz: Quiz, user: User) -> bytes:
    return hashlib.sha256(f"{quiz.chapter.slug}/{user.username}".encode()).digest()[:16]


def _answer(response: Response, skill: float, dice: Random) -> None:
    variant = response.variant
    wrong = variant.drawn.wrong_answers()
    if dice.random() < skill:
        save_answer(response=response, raw=variant.key)
    elif wrong and dice.random() < 0.8:
        save_answer(response=response, raw=dice.choice(wrong))


def _date_back(attempt: Attempt, dice: Random) -> None:
    at = _moment(dice)
    started = at - timedelta(minutes=dice.uniform(12, 55))
    Attempt.objects.filter(pk=attempt.pk).update(started_at=started, finished_at=at)
    GradeEvent.objects.filter(attempt=attempt).update(handed_in_at=at)


# --- exercises ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Try:
    student: Student
    exercise: Exercise
    number: int  # of the student's tries at the exercise, from 0
    path: Path  # a known solution

    @property
    def key(self) -> str:
        words = (self.student.course, self.exercise.slug, str(self.number))
        return hashlib.sha256("/".join(("demo", *words)).encode()).hexdigest()


def _hand_in(course: Course, students: Sequence[Student]) -> None:
    assignments = course.assignments.filter(kind=ItemKind.EXERCISE)
    exercises = [load_exercise(one.item) for one in assignments]
    planned = [
        Try(student, exercise, number, path)
        for exercise in exercises
        for student in students
        for number, path in enumerate(_tries(exercise, student))
    ]
    planned.sort(key=lambda one: one.number)  # if any are left out, then second tries
    for one in planned[:MAX_SUBMISSIONS]:
        _submit(one)


def _tries(exercise: Exercise, student: Student) -> list[Path]:
    """The student's way through the exercise: a mistake or none, then the solution."""
    dice = student.dice(exercise.slug)
    wrong = exercise.wrong_solution(dice.choice(exercise.mistakes).id)
    right = dice.choice(exercise.correct_solutions)
    luck = dice.random()
    if luck > student.skill + 0.35:
        return []
    if luck > student.skill:
        return [wrong]
    return [right] if luck < student.skill - 0.4 else [wrong, right]


def _submit(one: Try) -> None:
    user = one.student.user
    if Submission.objects.filter(user=user, idempotency_key=one.key).exists():
        return
    submission = submit(
        user=user,
        exercise=one.exercise,
        source=one.path.read_bytes(),
        idempotency_key=one.key,
        replaces=False,  # first tries are part of the picture
    )
    at = _moment(one.student.dice(one.exercise.slug)) + timedelta(hours=one.number)
    Submission.objects.filter(pk=submission.pk).update(created_at=at)
