"""Who may see what: the one place that decides.

Every function answers with the row or raises ``Http404``: a stranger is not told
that something exists.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Course, Enrolment, ItemKind, Role
from quizsite.quizzes.models import Attempt, QuestionRegrade, Quiz
from quizsite.quizzes.rules import BehaviourName
from quizsite.submissions.models import Regrade, Submission

GUEST_KEY = "guest_key"  # in the session: what owns a guest's attempts

Person = User | AnonymousUser


def taught_courses(user: Person) -> QuerySet[Course]:
    """Courses whose students' work the person may see."""
    if not user.is_authenticated:
        return Course.objects.none()
    if user.is_staff:
        return Course.objects.all()
    return Course.objects.filter(
        enrolments__user=user, enrolments__role=Role.INSTRUCTOR
    )


def teaches(user: Person, student_id: int | None, kind: ItemKind, item: str) -> bool:
    """Whether the person instructs a course that assigned the item to the student."""
    if not user.is_authenticated:
        return False
    if user.is_staff:
        return True
    courses = taught_courses(user).filter(
        assignments__kind=kind, assignments__item=item
    )
    return Enrolment.objects.filter(
        course__in=courses, user_id=student_id, role=Role.STUDENT
    ).exists()


def studied_assignments(user: Person, quiz: Quiz) -> QuerySet[Assignment]:
    """What assigns the quiz in the courses where the person studies."""
    if not user.is_authenticated:
        return Assignment.objects.none()
    studied = Enrolment.objects.filter(user=user, role=Role.STUDENT)
    return Assignment.objects.filter(
        course__in=studied.values("course"),
        kind=ItemKind.QUIZ,
        item=quiz.chapter.slug,
    ).select_related("course")


def studied_assignment(user: Person, quiz: Quiz, course: str) -> Assignment:
    """The course's assignment of the quiz, for those who study there."""
    return get_object_or_404(studied_assignments(user, quiz), course__slug=course)


def taught_assignment(user: Person, slug: str, kind: str, item: str) -> Assignment:
    """An assignment of the course, for its instructors."""
    assignments = taught_course(user, slug).assignments.select_related("course")
    return get_object_or_404(assignments, kind=kind, item=item)


def own_attempts(request: HttpRequest) -> QuerySet[Attempt]:
    """All that the visitor (signed in or guest) takes or took, reviews aside."""
    if isinstance(request.user, User):
        return Attempt.objects.filter(user=request.user, is_review=False)
    guest_key = request.session.get(GUEST_KEY, "")
    if not guest_key:
        return Attempt.objects.none()
    return Attempt.objects.filter(user=None, guest_key=guest_key)


def own_attempt(request: HttpRequest, attempt_id: UUID) -> Attempt:
    """The attempt, if the visitor (signed in or guest) is the one who takes it."""
    attempt = get_object_or_404(
        Attempt.objects.select_related("quiz__chapter", "course"), pk=attempt_id
    )
    user = request.user if isinstance(request.user, User) else None
    guest_key = request.session.get(GUEST_KEY, "")
    if not attempt.belongs_to(user=user, guest_key=guest_key):
        raise Http404
    return attempt


def visible_attempt(request: HttpRequest, attempt_id: UUID) -> Attempt:
    """The attempt, for the one who takes it and for their instructors."""
    attempt = get_object_or_404(
        Attempt.objects.select_related("quiz__chapter", "course"), pk=attempt_id
    )
    if teaches_attempt(request.user, attempt):
        return attempt
    return own_attempt(request, attempt_id)


def teaches_attempt(user: Person, attempt: Attempt) -> bool:
    """Whether an instructor may read it; what one practises alone is nobody's."""
    if not user.is_authenticated:
        return False
    if user.is_staff:
        return True
    chapter = attempt.quiz.chapter.slug
    if attempt.course_id is not None and attempt.user_id is not None:
        course = taught_courses(user).filter(pk=attempt.course_id)
        students = Enrolment.objects.students().filter(course__in=course)
        return students.filter(user_id=attempt.user_id).exists()
    alone = attempt.behaviour == BehaviourName.PRACTICE
    return not alone and teaches(user, attempt.user_id, ItemKind.QUIZ, chapter)


def marked_course(user: Person, slug: str | None) -> Course | None:
    """Whose open answers are marked: a course's, or without one those of all others.

    A course's instructors mark its students' answers; the others are for those who run
    the site.
    """
    if slug is None:
        require_staff(user)
        return None
    return taught_course(user, slug)


def visible_submission(user: Person, submission_id: UUID) -> Submission:
    """The submission, for its author and their instructors."""
    submission = get_object_or_404(
        Submission.objects.select_related("user"), pk=submission_id
    )
    if submission.user_id == user.pk:
        return submission
    item = submission.exercise
    if teaches(user, submission.user_id, ItemKind.EXERCISE, item):
        return submission
    raise Http404


def sees_hidden(user: Person, submission: Submission) -> bool:
    """Whether the person may have the hidden inputs that it was graded on."""
    item = submission.exercise
    return teaches(user, submission.user_id, ItemKind.EXERCISE, item)


def replayable_submission(
    user: Person, submission_id: UUID, *, with_hidden: bool
) -> Submission:
    """The submission, to be run again: on public inputs, or on all by instructors."""
    submission = visible_submission(user, submission_id)
    if with_hidden and not sees_hidden(user, submission):
        raise Http404
    return submission


def require_staff(user: Person) -> None:
    """For those who run the site; for everybody else there is nothing."""
    if not (user.is_authenticated and user.is_staff):
        raise Http404


def restartable_submission(user: Person, submission_id: UUID) -> Submission:
    """The submission, for those who run the site."""
    require_staff(user)
    return visible_submission(user, submission_id)


def visible_regrade(user: Person, regrade_id: UUID) -> Regrade:
    """The regrade, for those who run the site: it reaches across courses."""
    require_staff(user)
    return get_object_or_404(Regrade, pk=regrade_id)


def visible_question_regrade(user: Person, regrade_id: UUID) -> QuestionRegrade:
    """The regrade of a question, for those who run the site."""
    require_staff(user)
    found = QuestionRegrade.objects.select_related("question__quiz__chapter", "version")
    return get_object_or_404(found, pk=regrade_id)


def visible_course(user: Person, slug: str) -> Course:
    """The course, for everybody who is in it."""
    if not user.is_authenticated:
        raise Http404
    courses = Course.objects.all()
    if not user.is_staff:
        courses = courses.filter(enrolments__user=user)
    return get_object_or_404(courses, slug=slug)


def taught_course(user: Person, slug: str) -> Course:
    """The course, for its instructors."""
    return get_object_or_404(taught_courses(user), slug=slug)
