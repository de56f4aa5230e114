from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizsite.courses.catalogue import assignable
from quizsite.courses.models import Assignment, Course, ItemKind
from quizsite.courses.services import Item

RESERVED = {"join", "new"}  # addresses of pages beside the courses'


class JoinForm(forms.Form):
    code = forms.CharField(
        label=_("Код курса"),
        max_length=40,
        help_text=_("Его даёт преподаватель. Большие и малые буквы не различаются."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )


class CourseForm(forms.ModelForm):
    class Meta:
        model = Course
        fields = ["title", "slug", "description"]
        labels = {"slug": _("Адрес"), "description": _("Описание")}
        help_texts = {
            "slug": _("Латинские буквы, цифры и дефисы: courses/адрес/."),
            "description": _("Его увидят студенты. Markdown и формулы в $…$."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in RESERVED:
            raise forms.ValidationError(_("Этот адрес занят самим сайтом."))
        return slug


class ItemForm(forms.Form):
    """One quiz or exercise that the course may assign."""

    assigned = forms.BooleanField(required=False)
    due_at = forms.DateTimeField(
        label=_("Срок"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    max_points = forms.FloatField(
        label=_("Баллы"), min_value=0.5, max_value=1000, initial=10, localize=True
    )

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.is_quiz = item.kind == ItemKind.QUIZ
        self.fields["assigned"].label = item.title

    @property
    def chosen(self) -> Item | None:
        data = self.cleaned_data
        if not data["assigned"]:
            return None
        slug, title = self.item.slug, self.item.title
        return Item(self.item.kind, slug, title, data["due_at"], data["max_points"])


def item_forms(data: Any, course: Course | None) -> list[ItemForm]:
    """A form for every assignable item, filled in from what the course assigns."""
    current = {one.key: one for one in course.assignments.all()} if course else {}
    return [
        ItemForm(
            data,
            item=item,
            prefix=f"{item.kind}-{item.slug}",
            initial=_initial(current.get((item.kind, item.slug))),
        )
        for item in assignable()
    ]


def _initial(assignment: Assignment | None) -> dict[str, Any]:
    if assignment is None:
        return {}
    points = assignment.max_points
    return {
        "assigned": True,
        "due_at": assignment.due_at,
        "max_points": int(points) if points.is_integer() else points,
    }
