"""Pages of courses: joining, taking part, making one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from quizsite.accounts.access import taught_course, taught_courses, visible_course
from quizsite.accounts.http import SignedInRequest
from quizsite.courses.forms import CourseForm, ItemForm, JoinForm, item_forms
from quizsite.courses.guessing import count_wrong_code, may_try_code
from quizsite.courses.models import Course, Enrolment
from quizsite.courses.progress import own_progress
from quizsite.courses.services import (
    Item,
    UnknownCode,
    assign,
    create_course,
    join_course,
)


@login_required
@require_safe
def course_list(request: SignedInRequest) -> HttpResponse:
    enrolments = Enrolment.objects.filter(user=request.user).select_related("course")
    context = {"enrolments": enrolments.order_by("course__title"), "form": JoinForm()}
    if request.user.is_staff:
        mine = enrolments.values("course")
        context["others"] = Course.objects.exclude(pk__in=mine)
    return render(request, "courses/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: SignedInRequest) -> HttpResponse:
    """A link with ``?code=`` fills the form in; joining itself takes a click."""
    if request.method != "POST":
        form = JoinForm(initial={"code": request.GET.get("code", "")[:40]})
        return render(request, "courses/join.html", {"form": form})
    form = JoinForm(request.POST)
    if form.is_valid() and (course := _join(request, form)):
        messages.success(request, _("Вы в курсе «%s».") % course.title)
        return redirect(course)
    return render(request, "courses/join.html", {"form": form}, status=422)


def _join(request: SignedInRequest, form: JoinForm) -> Course | None:
    if not may_try_code(request.user.pk):
        form.add_error("code", _("Слишком много попыток. Попробуйте через час."))
        return None
    try:
        return join_course(user=request.user, code=form.cleaned_data["code"])
    except UnknownCode:
        count_wrong_code(request.user.pk)
        form.add_error(
            "code", _("Курса с таким кодом нет. Уточните код у преподавателя.")
        )
    return None


@login_required
@require_safe
def detail(request: SignedInRequest, slug: str) -> HttpResponse:
    course = visible_course(request.user, slug)
    progress = own_progress(course, request.user)
    enrolments = course.enrolments
    teachers = enrolments.instructors().select_related("user")
    context = {
        "course": course,
        "progress": progress,
        "teachers": [one.user for one in teachers],
        "teaching": taught_courses(request.user).filter(pk=course.pk).exists(),
        "taking": enrolments.students().filter(user=request.user).exists(),
    }
    return render(request, "courses/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form, items = CourseForm(data), item_forms(data, None)
    if data and (chosen := _chosen(form, items)) is not None:
        course = form.save(commit=False)
        create_course(teacher=request.user, course=course, items=chosen)
        messages.success(
            request, _("Курс создан. Код для студентов — на его странице.")
        )
        return redirect(course)
    return _editor(request, form, items)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    course = taught_course(request.user, slug)
    data = request.POST if request.method == "POST" else None
    form, items = CourseForm(data, instance=course), item_forms(data, course)
    if data and (chosen := _chosen(form, items)) is not None:
        course = form.save()
        assign(course=course, items=chosen)
        messages.success(request, _("Сохранено."))
        return redirect(course)
    return _editor(request, form, items)


def _chosen(form: CourseForm, items: list[ItemForm]) -> list[Item] | None:
    """What is to be assigned, or nothing while any of the forms is wrong."""
    # Every form is asked, so that all mistakes are shown at once.
    if not all([form.is_valid(), *[item.is_valid() for item in items]]):
        return None
    return [item.chosen for item in items if item.chosen is not None]


def _editor(
    request: SignedInRequest, form: CourseForm, items: list[ItemForm]
) -> HttpResponse:
    context = {
        "form": form,
        # The course as saved: a refused form has already changed its instance.
        "saved": form.initial if form.instance.pk else None,
        "quizzes": [item for item in items if item.is_quiz],
        "exercises": [item for item in items if not item.is_quiz],
        "wrong_items": any(item.errors for item in items),
    }
    status = 422 if form.is_bound else 200
    return render(request, "courses/edit.html", context, status=status)
