"""Pages of submissions: one's own list, one submission, what it waits for."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from exercises.spec import Exercise, UnknownExercise, load_exercise
from graders.report import for_student
from quizsite.accounts.access import restartable_submission, visible_submission
from quizsite.accounts.http import SignedInRequest
from quizsite.submissions import bundles, services
from quizsite.submissions.listing import lines
from quizsite.submissions.models import Submission
from quizsite.submissions.waiting import waiting

PAGE_SIZE = 30


@login_required
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    own = Submission.objects.filter(user=request.user).defer(
        "source", "report", "intake_notes"
    )
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    for submission in page:
        submission.known_exercise = known_exercise(submission.exercise)  # type: ignore[attr-defined]
    return render(request, "submissions/mine.html", {"page": page})


@never_cache
@require_safe
def detail(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    submission = visible_submission(request.user, submission_id)
    context = _context(request, submission)
    return render(request, "submissions/detail.html", context)


@never_cache
@require_safe
def status(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """The part of the page that changes; it says itself when to ask again."""
    submission = visible_submission(request.user, submission_id)
    context = _context(request, submission)
    return render(request, "submissions/_status.html", context)


@require_safe
def source(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    submission = visible_submission(request.user, submission_id)
    disposition = f'attachment; filename="{submission.exercise}.py"'
    return HttpResponse(
        submission.source,
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@login_required
@require_POST
def restart(request: SignedInRequest, submission_id: UUID) -> HttpResponse:
    submission = restartable_submission(request.user, submission_id)
    exercise = known_exercise(submission.exercise)
    if exercise is None:
        raise Http404(submission.exercise)
    if services.restart(submission=submission, exercise=exercise):
        messages.success(request, _("Посылка снова в очереди."))
    else:
        messages.warning(
            request, _("Заново проверяются только посылки, сорванные не студентом.")
        )
    return redirect(submission)


def known_exercise(slug: str) -> Exercise | None:
    """The exercise, unless its folder is gone since."""
    try:
        return load_exercise(slug)
    except UnknownExercise:
        return None


def _context(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    exercise = known_exercise(submission.exercise)
    report = _report(request, submission)
    return {
        "submission": submission,
        "exercise": exercise,
        "is_replayable": bundles.is_replayable(submission, exercise),
        "is_own": submission.user_id == request.user.pk,
        "waiting": waiting(submission),
        "report": report,
        "was_judged": _was_judged(report),
        "lines": lines(submission, report),
    }


def _was_judged(report: dict[str, Any] | None) -> bool:
    """Whether any check was begun; of old a report did not say."""
    checks = report["checks"] if report else ()
    return any(check.get("judged", True) for check in checks)


def _report(request: HttpRequest, submission: Submission) -> dict[str, Any] | None:
    """The report as the visitor may see it."""
    if submission.report is None:
        return None
    if request.user.is_staff:
        return cast(dict[str, Any], submission.report)
    return for_student(submission.report)
