"""Pages on which staff take questions to other systems and bring them from there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from quizsite.accounts import access
from quizsite.book.models import Chapter
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.exchange import files
from quizsite.quizzes.exchange.items import Unreadable

MAX_TITLE, LAST_SECTION = 200, 999


class ExportForm(forms.Form):
    chapter = forms.ChoiceField(label=gettext_lazy("Глава"))
    to = forms.ChoiceField(
        label=gettext_lazy("Формат"),
        choices=[("moodle", "Moodle XML"), ("gift", "GIFT")],
    )
    variants = forms.IntegerField(
        label=gettext_lazy("Вариантов вопроса с параметрами"),
        initial=1,
        min_value=1,
        max_value=files.MOST_VARIANTS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chapter: Any = self.fields["chapter"]
        titles = dict(Chapter.objects.values_list("slug", "title"))
        slugs = files.chapters()  # on disk, so one may not be loaded yet
        chapter.choices = [(slug, titles.get(slug, slug)) for slug in slugs]

    def converted(self) -> files.Converted:
        data = self.cleaned_data
        path = files.chapters()[data["chapter"]]
        return files.exported(path, to=data["to"], variants=data["variants"])


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Файл Moodle XML или GIFT"),
        help_text=gettext_lazy("Не больше 1 МБ и 500 вопросов."),
        widget=forms.FileInput(attrs={"accept": ".xml,.gift,.txt"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Название квиза"), required=False, max_length=MAX_TITLE
    )
    section = forms.IntegerField(
        label=gettext_lazy("Раздел главы"),
        initial=1,
        min_value=1,
        max_value=LAST_SECTION,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                data["converted"] = self._converted(data)
            except Unreadable as error:
                self.add_error("file", str(error))
        return data

    def _converted(self, data: dict[str, Any]) -> files.Converted:
        file: UploadedFile = data["file"]
        title = data["title"] or str(file.name).rpartition(".")[0] or str(file.name)
        # One byte more than may be: so that a large file is refused, not read.
        content = file.read(files.MAX_UPLOAD + 1)
        return files.imported(content, title=title, section=data["section"])


@never_cache
@require_safe
def exchange(request: HttpRequest) -> HttpResponse:
    """Both forms, and what an export would lose when one is asked for."""
    access.require_staff(request.user)
    if "chapter" not in request.GET:
        return _page(request)
    form = ExportForm(request.GET)
    made = _exported(form)
    context = {"export": form, "exported": made, "query": request.GET.urlencode()}
    return _page(request, status=200 if made else 422, **context)


@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The file that the page tells of."""
    access.require_staff(request.user)
    made = _exported(ExportForm(request.GET))
    if made is None:
        raise Http404
    return _attachment(made.name, made.content)


@never_cache
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Turn an uploaded file into a quiz.yaml; with ``take``, hand that out at once."""
    access.require_staff(request.user)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, status=422, bring=form)
    made: files.Converted = form.cleaned_data["converted"]
    if "take" in request.POST:
        return _attachment(made.name, made.content)
    return _page(request, bring=form, imported=made)


def _exported(form: ExportForm) -> files.Converted | None:
    if not form.is_valid():
        return None
    try:
        return form.converted()
    except DocumentError as error:
        form.add_error("chapter", _("Файл главы не читается: %s") % error)
        return None


def _attachment(name: str, content: str) -> HttpResponse:
    """Never shown in the browser: what is in it is somebody else's."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"export": ExportForm(), "bring": ImportForm(), **more}
    return render(request, "quizzes/exchange.html", context, status=status)
