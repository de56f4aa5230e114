"""What a course's instructors see; for everybody else the pages do not exist."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from quizsite.accounts.access import taught_course
from quizsite.accounts.http import SignedInRequest
from quizsite.courses.models import Assignment, Course, ItemKind
from quizsite.courses.progress import standings
from quizsite.dashboards import exports, scope
from quizsite.dashboards.exercise_stats import exercise_stats, verdict_chart
from quizsite.dashboards.filters import AttemptFilter, SubmissionFilter
from quizsite.dashboards.matrix import item_chart, matrix
from quizsite.dashboards.misconceptions import (
    course_entry,
    course_ledger,
    strugglers,
)
from quizsite.dashboards.quiz_stats import facility_chart, quiz_stats
from quizsite.dashboards.spreadsheet import download
from quizsite.learning.places import located
from quizsite.submissions.models import Submission

STUDENTS_PER_PAGE = 100
ROWS_PER_PAGE = 50


@login_required
@require_safe
def course(request: SignedInRequest, slug: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    people = scope.students(taught)
    standing = standings(taught, taught.student_ids)
    rows = matrix(people, standing)
    context = {
        "course": taught,
        "assignments": standing.assignments,
        "page": Paginator(rows, STUDENTS_PER_PAGE).get_page(request.GET.get("page")),
        "chart": item_chart(standing.assignments, rows),
    }
    return render(request, "dashboards/course.html", context)


@login_required
@require_safe
def submissions(request: SignedInRequest, slug: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    chosen = _filtered(request, taught)
    exercises = taught.assignments.filter(kind=ItemKind.EXERCISE)
    context = {
        "course": taught,
        "filter": chosen,
        "page": Paginator(chosen.qs, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "titles": dict(exercises.values_list("item", "title")),
    }
    return render(request, "dashboards/submissions.html", context)


def _filtered(request: SignedInRequest, taught: Course) -> SubmissionFilter:
    return SubmissionFilter(
        request.GET, queryset=scope.submissions(taught), course=taught
    )


@login_required
@require_safe
def attempts(request: SignedInRequest, slug: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    chosen = AttemptFilter(request.GET, queryset=scope.attempts(taught), course=taught)
    context = {
        "course": taught,
        "filter": chosen,
        "page": Paginator(chosen.qs, ROWS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "dashboards/attempts.html", context)


@login_required
@require_safe
def exercise(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    assignment = _assigned(taught, ItemKind.EXERCISE, item)
    stats = exercise_stats(scope.submissions(taught), item)
    context = {
        "course": taught,
        "assignment": assignment,
        "stats": stats,
        "chart": verdict_chart(stats),
        "class_size": taught.student_ids.count(),
    }
    return render(request, "dashboards/exercise.html", context)


@login_required
@require_safe
def quiz(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    assignment = _assigned(taught, ItemKind.QUIZ, item)
    stats = quiz_stats(scope.first_attempts(taught, item))
    context = {
        "course": taught,
        "assignment": assignment,
        "stats": stats,
        "chart": facility_chart(stats),
        "class_size": taught.student_ids.count(),
    }
    return render(request, "dashboards/quiz.html", context)


@login_required
@require_safe
def misconceptions(request: SignedInRequest, slug: str) -> HttpResponse:
    """Counts only: who it was is on the page of each."""
    taught = taught_course(request.user, slug)
    context = {
        "course": taught,
        "ledger": located(course_ledger(taught)),
        "class_size": taught.student_ids.count(),
    }
    return render(request, "dashboards/misconceptions.html", context)


@login_required
@require_safe
def misconception(request: SignedInRequest, slug: str, tag: str) -> HttpResponse:
    taught = taught_course(request.user, slug)
    shown = course_entry(taught, tag)
    context = {
        "course": taught,
        "one": shown,
        "strugglers": strugglers(taught, shown),
        "class_size": taught.student_ids.count(),
    }
    return render(request, "dashboards/misconception.html", context)


def _assigned(taught: Course, kind: ItemKind, item: str) -> Assignment:
    return get_object_or_404(taught.assignments, kind=kind, item=item)


@login_required
@require_safe
def gradebook_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    taught = taught_course(request.user, slug)
    return download(f"{taught.slug}-оценки.csv", exports.gradebook(taught))


@login_required
@require_safe
def submissions_csv(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    taught = taught_course(request.user, slug)
    found: QuerySet[Submission] = _filtered(request, taught).qs
    return download(f"{taught.slug}-посылки.csv", exports.submission_rows(found))
