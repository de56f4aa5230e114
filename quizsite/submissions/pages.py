"""Pages of exercises: the list, one exercise with its editor, its starter files."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from exercises.spec import Exercise, UnknownExercise, all_exercises, load_exercise
from graders.intake import IntakeError, read_upload
from quizsite.accounts.access import visible_submission
from quizsite.accounts.models import User
from quizsite.api.throttles import Checking
from quizsite.book.models import Chapter
from quizsite.book.progress import exercise_progress
from quizsite.submissions import drafts, services
from quizsite.submissions.formats import format_of
from quizsite.submissions.forms import SubmitForm
from quizsite.submissions.models import Submission
from quizsite.submissions.starter import notebook, signatures

SHOWN_SUBMISSIONS = 10


@require_safe
def exercises(request: HttpRequest) -> HttpResponse:
    """All exercises, chapter by chapter, with how far the visitor got."""
    progress = exercise_progress(request)
    by_chapter: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(all_exercises(), key=attrgetter("section", "difficulty")):
        row = {"exercise": one, "progress": progress.get(one.slug)}
        by_chapter.setdefault(one.chapter, []).append(row)
    chapters = Chapter.objects.filter(slug__in=by_chapter)
    groups = [(chapter, by_chapter.pop(chapter.slug)) for chapter in chapters]
    # Exercises may be there before load_book has read their chapters.
    groups += [(Chapter(title=slug), rows) for slug, rows in by_chapter.items()]
    return render(request, "submissions/exercises.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def exercise(request: HttpRequest, slug: str) -> HttpResponse:
    """The statement, the editor and one's own submissions; takes new ones."""
    shown = exercise_or_404(slug)
    form = SubmitForm(
        request.POST or None, request.FILES or None, initial=_initial(request, shown)
    )
    is_guest = not request.user.is_authenticated
    if is_guest and request.method == "POST" and not Checking.permits(request):
        # Their code is read as well, and anybody may be a guest.
        form.add_error(None, _("Слишком часто. Подождите минуту и отправьте ещё раз."))
    elif request.method == "POST" and form.is_valid():
        try:
            return _hand_in(request, shown, form)
        except IntakeError as error:
            form.add_error(
                "file" if form.cleaned_data["file"] else "source", str(error)
            )
    context = _context(request, shown) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "submissions/exercise.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def check_format(request: HttpRequest, slug: str) -> HttpResponse:
    """What would be graded; as a part of the page, or without JavaScript as all of it.

    Refusals are shown like any other answer: htmx puts no error into a page.
    """
    shown = exercise_or_404(slug)
    if request.method != "POST":
        return redirect("submissions:exercise", slug)
    form = SubmitForm(request.POST, request.FILES)
    found: dict[str, Any] = {}
    if not Checking.permits(request):
        found["problem"] = _("Слишком часто. Подождите минуту и проверьте ещё раз.")
    elif form.is_valid():
        found["format"] = format_of(form.content, form.filename, shown)
    else:
        found["problem"] = " ".join(map(str, form.errors.get("file", ())))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "submissions/_format.html", found)
    context = _context(request, shown) | found | {"form": form}
    return render(request, "submissions/exercise.html", context)


@require_safe
def starter_py(request: HttpRequest, slug: str) -> HttpResponse:
    text = exercise_or_404(slug).starter
    return _download(f"{slug}.py", "text/x-python; charset=utf-8", text)


@require_safe
def starter_ipynb(request: HttpRequest, slug: str) -> HttpResponse:
    site = request.build_absolute_uri("/").rstrip("/")
    text = notebook(exercise_or_404(slug), site)
    return _download(f"{slug}.ipynb", "application/x-ipynb+json", text)


def exercise_or_404(slug: str) -> Exercise:
    try:
        return load_exercise(slug)
    except UnknownExercise as error:
        raise Http404(slug) from error


def _initial(request: HttpRequest, exercise: Exercise) -> dict[str, str]:
    return {
        "source": _text(request, exercise).rstrip() + "\n",
        "token": uuid.uuid4().hex,
    }


def _text(request: HttpRequest, exercise: Exercise) -> str:
    """What the editor opens with: asked for, kept from a guest, last sent, or new."""
    if wanted := _uuid(request.GET.get("from", "")):
        return visible_submission(request.user, wanted).source
    if draft := drafts.kept(request, exercise.slug):
        return draft
    last = own_submissions(request, exercise).values_list("source", flat=True).first()
    return last or exercise.starter


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _hand_in(
    request: HttpRequest, exercise: Exercise, form: SubmitForm
) -> HttpResponse:
    """Submit, or for a guest keep the code and ask to sign in.

    Raises:
        IntakeError: it cannot be read as code.
    """
    if not isinstance(request.user, User):
        intake = read_upload(form.content, form.filename, exercise.requires)
        drafts.keep(request, exercise.slug, intake.source)
        messages.info(request, _("Решение сохранено. Войдите, чтобы его отправить."))
        return redirect_to_login(request.path)
    submission = services.submit(
        user=request.user,
        exercise=exercise,
        source=form.content,
        filename=form.filename,
        idempotency_key=form.idempotency_key(exercise.slug),
    )
    drafts.forget(request, exercise.slug)
    return redirect(submission)


def _context(request: HttpRequest, exercise: Exercise) -> dict[str, Any]:
    own = own_submissions(request, exercise)
    return {
        "exercise": exercise,
        "chapter": Chapter.objects.filter(slug=exercise.chapter).first(),
        "signatures": signatures(exercise),
        "own": own.defer("source", "report", "intake_notes")[:SHOWN_SUBMISSIONS],
        "progress": exercise_progress(request).get(exercise.slug),
    }


def own_submissions(request: HttpRequest, exercise: Exercise) -> QuerySet[Submission]:
    if not isinstance(request.user, User):
        return Submission.objects.none()
    return Submission.objects.filter(user=request.user, exercise=exercise.slug)


def _download(filename: str, content_type: str, text: str) -> HttpResponse:
    disposition = f'attachment; filename="{filename}"'
    headers = {"Content-Disposition": disposition}
    return HttpResponse(text, content_type=content_type, headers=headers)
