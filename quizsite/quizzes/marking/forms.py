"""What was posted of a mark, and what a queue was asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from quizsite.courses.models import Course
from quizsite.quizzes.marking.queue import (
    MOST_SAMPLE,
    SAMPLE,
    Queue,
    Which,
    open_answers,
)
from quizsite.quizzes.models import Response
from quizsite.quizzes.models.marks import MOST_COMMENT
from quizsite.quizzes.types.open import Open

NOTHING = -1  # chosen of a criterion


def sent_levels(data: QueryDict, response: Response) -> list[int]:
    """The chosen levels: of facts those that are ticked, of a rubric one of a row.

    A row without one has ``NOTHING``, which fits no rubric; what is no open question
    has no rows.
    """
    drawn = response.variant.drawn
    if not isinstance(drawn, Open):
        return []
    if not drawn.has_rubric:
        ticked = set(data.getlist("point"))
        return [int(str(one.number) in ticked) for one in drawn.criteria]
    return [_digit(data.get(f"level-{one.number}")) for one in drawn.criteria]


def _digit(sent: str | list[object] | None) -> int:
    text = str(sent or "")
    known = len(text) == 1 and text.isascii() and text.isdigit()
    return int(text) if known else NOTHING


class MarkForm(forms.Form):
    """What goes with the levels."""

    comment = forms.CharField(
        label=_("Комментарий"),
        help_text=_("Его увидит студент; Markdown и формулы в $…$ можно."),
        max_length=MOST_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class QueueForm(forms.Form):
    """Which answers to mark; its choices are those of the course."""

    which = forms.ChoiceField(
        label=_("Что проверять"), choices=Which.choices, required=False
    )
    quiz = forms.ChoiceField(label=_("Квиз"), required=False)
    question = forms.ChoiceField(label=_("Вопрос"), required=False)
    size = forms.IntegerField(
        label=_("Размер выборки"), min_value=1, max_value=MOST_SAMPLE, required=False
    )

    def __init__(self, data: Any, *, course: Course | None) -> None:
        super().__init__({"which": Which.WAITING, "size": SAMPLE} | data)
        self.course = course
        every: list[tuple[str, Any]] = [("", _("все"))]
        quizzes, questions = _asked(course)
        fields: dict[str, Any] = self.fields
        fields["quiz"].choices = every + quizzes
        fields["question"].choices = every + questions

    @property
    def queue(self) -> Queue:
        """What was asked for; what is no choice is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        question = chosen.get("question")
        return Queue(
            self.course,
            Which(chosen.get("which") or Which.WAITING),
            chosen.get("quiz") or "",
            int(question) if question else None,
            chosen.get("size") or SAMPLE,
        )


def _asked(course: Course | None) -> tuple[list[Any], list[Any]]:
    """The quizzes and the questions that were answered, as choices."""
    rows = open_answers(course).order_by(
        "version__question__quiz__chapter__order", "version__question__position"
    )
    found = rows.values_list(
        "version__question__quiz__chapter__slug",
        "version__question__quiz__title",
        "version__question_id",
        "version__question__slug",
    ).distinct()
    quizzes: dict[str, str] = {}
    questions: dict[str, str] = {}
    for slug, title, pk, name in found:
        quizzes[slug] = title
        questions[str(pk)] = f"{title}: {name}"
    return list(quizzes.items()), list(questions.items())
