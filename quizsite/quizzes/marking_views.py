"""Pages on which instructors mark open answers, one after another.

``slug``: of whose course; without one, of the answers outside of courses, for staff.
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from quizsite.accounts.access import marked_course
from quizsite.accounts.http import SignedInRequest
from quizsite.quizzes.marking.agreement import agreement_of
from quizsite.quizzes.marking.forms import MarkForm, QueueForm, sent_levels
from quizsite.quizzes.marking.queue import Queue, Which, open_answers
from quizsite.quizzes.marking.recording import (
    AlreadyMarked,
    Judgement,
    NotMarkable,
    record_mark,
)
from quizsite.quizzes.models import OpenMark, Response
from quizsite.quizzes.pages.criteria import points_text
from quizsite.quizzes.pages.marking import Desk, MarkPage, QueuePage
from quizsite.quizzes.services import self_levels
from quizsite.quizzes.types.open import Open

NAMES = "marking_names"  # in the session: names are shown


@login_required
@never_cache
@require_safe
def marking(request: SignedInRequest, slug: str | None = None) -> HttpResponse:
    """What there is to mark, and how far instructors and readers agree."""
    desk = Desk(marked_course(request.user, slug))
    form = QueueForm(request.GET.dict(), course=desk.course)
    page = QueuePage(
        desk, form, form.queue, _shows_names(request), request.GET.get("page")
    )
    return render(request, "quizzes/marking/queue.html", {"page": page})


def _shows_names(request: SignedInRequest) -> bool:
    return bool(request.session.get(NAMES))


@login_required
@require_POST
def take(request: SignedInRequest, slug: str | None = None) -> HttpResponse:
    """The next answer that nobody else has on their screen."""
    desk = Desk(marked_course(request.user, slug))
    queue = QueueForm(request.POST.dict(), course=desk.course).queue
    return _next(request, desk, queue, after=request.POST.get("after", ""))


def _next(
    request: SignedInRequest, desk: Desk, queue: Queue, *, after: str = ""
) -> HttpResponse:
    skipped = int(after) if after.isdecimal() and len(after) < 16 else None
    found = queue.take(request.user, after=skipped)
    if found is not None:
        return redirect(desk.answer_url(found, queue))
    if queue.ids:
        said = _("Остальные ответы сейчас проверяют другие.")
        messages.info(request, said)
    elif queue.which != Which.MARKED:
        messages.success(request, _("Всё проверено."))
    return redirect(desk.queue_url(queue))


@login_required
@require_POST
def names(request: SignedInRequest, slug: str | None = None) -> HttpResponse:
    """Show names, or hide them; as long as the session lasts."""
    desk = Desk(marked_course(request.user, slug))
    request.session[NAMES] = "show" in request.POST
    queue = QueueForm(request.POST.dict(), course=desk.course).queue
    return redirect(desk.queue_url(queue))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mark(
    request: SignedInRequest, response_id: int, slug: str | None = None
) -> HttpResponse:
    """One answer; a post marks it and goes on to the next."""
    desk = Desk(marked_course(request.user, slug))
    response = get_object_or_404(open_answers(desk.course), pk=response_id)
    queue = QueueForm(request.GET.dict(), course=desk.course).queue
    page = MarkPage(desk, queue, response, request.user, _shows_names(request))
    return _save(request, page) if request.method == "POST" else _page(request, page)


def _page(request: SignedInRequest, page: MarkPage, status: int = 200) -> HttpResponse:
    return render(request, "quizzes/marking/mark.html", {"page": page}, status=status)


def _save(request: SignedInRequest, page: MarkPage) -> HttpResponse:
    """Nothing that was typed is lost, whatever comes in between."""
    form, response = MarkForm(request.POST), page.response
    levels = sent_levels(request.POST, response)
    refused = replace(page, form=form, sent=levels)
    if not form.is_valid():
        return _page(request, refused, 422)
    try:
        given = record_mark(
            response=response,
            marker=request.user,
            judgement=Judgement(levels, form.cleaned_data["comment"]),
            based_on=form.cleaned_data["based_on"],
        )
    except NotMarkable:
        return _page(request, refused, 422)
    except AlreadyMarked:
        return _page(request, replace(refused, conflict=True), 409)
    messages.success(request, _said(response, given))
    return _next(request, page.desk, page.queue)


def _said(response: Response, given: OpenMark) -> str:
    """What was written down, and only now what the reader had said."""
    drawn = response.variant.drawn
    assert isinstance(drawn, Open)
    said = _("Записано: %s.") % points_text(drawn, given.levels)
    own = self_levels(response)
    if own is None:
        return said
    both = agreement_of(own, given.levels)
    values = {"own": points_text(drawn, own), "same": both.same, "total": both.total}
    more = _("Самопроверка: %(own)s, совпало %(same)d из %(total)d.") % values
    return f"{said} {more}"
