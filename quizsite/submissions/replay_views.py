"""Pages where a submission's inputs are taken home, and the public examples."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from exercises.spec import Exercise
from quizsite.accounts.access import replayable_submission, sees_hidden
from quizsite.accounts.http import SignedInRequest
from quizsite.submissions import bundles
from quizsite.submissions.models import Submission
from quizsite.submissions.pages import exercise_or_404

ASK_AGAIN_MS = 700


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def replay(
    request: SignedInRequest, submission_id: UUID, with_hidden: bool
) -> HttpResponse:
    """Order the archive, wait for it, take it."""
    submission, exercise = _replayable(request, submission_id, with_hidden)
    bundle = bundles.known_replay(submission=submission, with_hidden=with_hidden)
    if request.method == "POST" or (bundle and not bundle.problem):
        bundle = bundles.replay(
            submission=submission, exercise=exercise, with_hidden=with_hidden
        )
    if request.method == "POST":
        return redirect(request.path)
    context = {
        "submission": submission,
        "with_hidden": with_hidden,
        "exercise": exercise,
        "bundle": bundle,
        "sees_hidden": sees_hidden(request.user, submission),
        "ask_again_ms": ASK_AGAIN_MS,
        "is_waiting": bundle is not None and bundle.done_at is None,
    }
    name = "_replay" if request.htmx else "replay"  # type: ignore[attr-defined]
    return render(request, f"submissions/{name}.html", context)


@never_cache
@login_required
@require_safe
def replay_zip(
    request: SignedInRequest, submission_id: UUID, with_hidden: bool
) -> HttpResponse:
    submission, exercise = _replayable(request, submission_id, with_hidden)
    bundle = bundles.known_replay(submission=submission, with_hidden=with_hidden)
    if bundle is None or not bundle.is_ready:
        raise Http404(submission_id)
    made = bundles.replay_zip(bundle=bundle, submission=submission, exercise=exercise)
    return _download(f"{exercise.slug}-{submission.pk}.zip", made)


@require_safe
def examples_zip(request: HttpRequest, slug: str) -> HttpResponse:
    """The public examples; while a grader makes them, back to the exercise."""
    made, is_complete = bundles.examples_zip(exercise=exercise_or_404(slug))
    if is_complete:
        return _download(f"{slug}-examples.zip", made)
    text = _("Открытые примеры ещё готовятся: попробуйте через несколько секунд.")
    messages.info(request, text)
    return redirect("submissions:exercise", slug)


def _replayable(
    request: SignedInRequest, submission_id: UUID, with_hidden: bool
) -> tuple[Submission, Exercise]:
    submission = replayable_submission(
        request.user, submission_id, with_hidden=with_hidden
    )
    exercise = exercise_or_404(submission.exercise)
    if not bundles.is_replayable(submission, exercise):
        raise Http404(submission_id)
    return submission, exercise


def _download(filename: str, content: bytes) -> HttpResponse:
    disposition = f'attachment; filename="{filename}"'
    headers = {"Content-Disposition": disposition}
    return HttpResponse(content, content_type="application/zip", headers=headers)
