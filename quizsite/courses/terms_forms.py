"""Forms for a quiz's terms in a course, and for what one student is granted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Override
from quizsite.quizzes.behaviours import BEHAVIOURS
from quizsite.quizzes.draws import ANY
from quizsite.quizzes.matrix import (
    PRESETS,
    Aspect,
    Matrix,
    Phase,
    as_json,
    from_json,
    preset,
    preset_name,
)
from quizsite.quizzes.models import QuestionVersion
from quizsite.quizzes.rules import BehaviourName, Pool

USUAL, BY_HAND = "usual", "by_hand"


class Moment(forms.DateTimeField):
    """A date and time in the site's time zone, not required."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        )
        super().__init__(label=label, required=False, widget=widget, **kwargs)


class TermsForm(forms.ModelForm):
    """How a course takes a quiz."""

    opens_at = Moment(gettext_lazy("Открыть"))
    due_at = Moment(
        gettext_lazy("Срок"),
        help_text=gettext_lazy("После него — с пометкой «поздно»."),
    )
    closes_at = Moment(
        gettext_lazy("Закрыть"),
        help_text=gettext_lazy(
            "После этого начать нельзя, а идущие попытки кончаются."
        ),
    )
    time_limit = forms.IntegerField(
        label=gettext_lazy("Минут на попытку"),
        required=False,
        min_value=1,
        max_value=10_000,
    )
    max_attempts = forms.IntegerField(
        label=gettext_lazy("Попыток"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=gettext_lazy("Пусто — сколько угодно."),
    )
    preset = forms.ChoiceField(
        label=gettext_lazy("Что и когда видно"),
        choices=[
            (USUAL, gettext_lazy("как принято для поведения")),
            *((name, label) for name, (label, _matrix) in PRESETS.items()),
            (BY_HAND, gettext_lazy("по таблице ниже")),
        ],
    )
    review = forms.MultipleChoiceField(
        required=False,
        choices=[(f"{p.value}:{a.value}", "") for p in Phase for a in Aspect],
    )

    class Meta:
        model = Assignment
        fields = [
            *("behaviour", "asks_certainty", "opens_at", "due_at", "closes_at"),
            *("time_limit", "max_attempts", "grade_policy", "shuffle"),
        ]
        labels = {
            "behaviour": gettext_lazy("Поведение"),
            "asks_certainty": gettext_lazy("Спрашивать уверенность"),
            "grade_policy": gettext_lazy("Засчитывать"),
            "shuffle": gettext_lazy("Перемешивать вопросы"),
        }

    def __init__(
        self, *args: Any, versions: Sequence[QuestionVersion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sizes = _sizes(versions)
        matrix = self.stored_matrix
        self.initial["preset"] = self._stored_preset(matrix)
        self.initial["review"] = [
            f"{phase.value}:{aspect.value}"
            for phase in Phase
            for aspect in matrix[phase]
        ]
        drawn = {one["tag"]: one["draw"] for one in self.instance.pools or ()}
        for tag, size in self.sizes.items():
            self.fields[f"pool-{tag}"] = forms.IntegerField(
                label=_pool_label(tag, size),
                required=False,
                min_value=1,
                max_value=size,
                initial=drawn.get(tag),
            )

    @property
    def stored_matrix(self) -> Matrix:
        stored = self.instance.review
        return preset(self.instance.behaviour) if stored is None else from_json(stored)

    def _stored_preset(self, matrix: Matrix) -> str:
        if self.instance.review is None:
            return USUAL
        return preset_name(matrix) or BY_HAND

    @property
    def pool_fields(self) -> list[forms.BoundField]:
        return [self[f"pool-{tag}"] for tag in self.sizes]

    @property
    def matrix_rows(self) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
        """By phase: each aspect's value, label and whether it is checked."""
        chosen = set(self["review"].value() or ())
        return [
            (phase.label, [_cell(phase, aspect, chosen) for aspect in Aspect])
            for phase in Phase
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("Закрыть можно только после открытия."))
        data["matrix"] = self._chosen_matrix(data)
        self._refuse_endless_secrecy(data)
        return data

    def _chosen_matrix(self, data: dict[str, Any]) -> Matrix:
        name = data.get("preset", BY_HAND)
        if name == USUAL:
            return preset(data.get("behaviour", BehaviourName.TEST))
        if name in PRESETS:
            return PRESETS[name][1]
        chosen = {phase.value: list[str]() for phase in Phase}
        for one in data.get("review", ()):
            phase, aspect = one.split(":")
            chosen[phase].append(aspect)
        return from_json(chosen)

    def _refuse_endless_secrecy(self, data: dict[str, Any]) -> None:
        matrix = data["matrix"]
        if matrix[Phase.CLOSED] - matrix[Phase.LATER] and not data.get("closes_at"):
            text = _("Разбор открывается после закрытия: укажите, когда закрыть.")
            self.add_error("closes_at", text)

    def terms(self) -> Assignment:
        """The assignment with the new terms, not yet saved."""
        assignment = self.save(commit=False)
        matrix = dict(self.cleaned_data["matrix"])
        if not BEHAVIOURS[assignment.behaviour].checks:
            matrix[Phase.DURING] = frozenset({Aspect.ANSWER})
        usual = preset(BehaviourName(assignment.behaviour))
        assignment.review = None if matrix == usual else as_json(matrix)
        assignment.pools = self._pools() or None
        return assignment

    def _pools(self) -> list[Pool]:
        drawn = {tag: self.cleaned_data.get(f"pool-{tag}") for tag in self.sizes}
        return [{"tag": tag, "draw": most} for tag, most in drawn.items() if most]


def _sizes(versions: Sequence[QuestionVersion]) -> dict[str, int]:
    """How many questions each tag has; the tag of all comes last."""
    counts = Counter(tag for one in versions for tag in one.tags)
    return {**dict(sorted(counts.items())), ANY: len(versions)}


def _pool_label(tag: str, size: int) -> str:
    if tag == ANY:
        return _("из остальных (всего в квизе %d)") % size
    if tag.startswith("section-"):
        values = {"section": tag.removeprefix("section-"), "size": size}
        return _("из раздела %(section)s (%(size)d)") % values
    return _("с меткой «%(tag)s» (%(size)d)") % {"tag": tag, "size": size}


def _cell(phase: Phase, aspect: Aspect, chosen: set[str]) -> tuple[str, Any, bool]:
    value = f"{phase.value}:{aspect.value}"
    return value, aspect.label, value in chosen


class OverrideForm(forms.ModelForm):
    """What one student is granted."""

    time_factor = forms.FloatField(
        label=gettext_lazy("Множитель времени"),
        initial=1,
        min_value=1,
        max_value=10,
        localize=True,
        help_text=gettext_lazy("Например, 1,5; закрытие отодвинется на столько же."),
    )
    extra_minutes = forms.IntegerField(
        label=gettext_lazy("Ещё минут"), initial=0, min_value=0, max_value=10_000
    )
    extra_attempts = forms.IntegerField(
        label=gettext_lazy("Ещё попыток"), initial=0, min_value=0, max_value=1000
    )
    opens_at = Moment(gettext_lazy("Открыть"))
    due_at = Moment(gettext_lazy("Срок"))
    closes_at = Moment(gettext_lazy("Закрыть"))

    class Meta:
        model = Override
        fields = [
            *("user", "time_factor", "extra_minutes", "extra_attempts"),
            *("opens_at", "due_at", "closes_at", "reason"),
        ]
        labels = {"user": gettext_lazy("Студент"), "reason": gettext_lazy("Почему")}

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        students = User.objects.filter(pk__in=assignment.course.student_ids)
        chosen: Any = self.fields["user"]
        chosen.queryset = students.order_by("display_name", "username")
        chosen.label_from_instance = lambda user: user.shown_name

    @property
    def granted(self) -> dict[str, Any]:
        """The terms, by the names of an override's fields."""
        return {k: v for k, v in self.cleaned_data.items() if k != "user"}


class DeadlineForm(OverrideForm):
    """The same of an exercise, which knows neither time limits nor attempts."""

    time_factor = extra_minutes = extra_attempts = None  # type: ignore[assignment]
    opens_at = closes_at = None  # type: ignore[assignment]
    due_at = Moment(gettext_lazy("Срок"))

    class Meta(OverrideForm.Meta):
        fields = ["user", "due_at", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].required = True  # without it nothing would be granted
