"""Verdicts and the numbers of reports in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.formats import number_format

from graders.verdicts import Verdict
from quizsite.submissions import heat_map
from quizsite.submissions.listing import anchor as anchor_of
from quizsite.submissions.verdicts import WORDINGS, Wording

register = template.Library()

NOT_FINITE = {"nan": "NaN", "inf": "∞", "-inf": "−∞"}  # as lib.storable writes them


@register.filter
def wording(verdict: str) -> Wording | None:
    """``{{ submission.verdict|wording }}``: its title, look and meaning."""
    return WORDINGS[Verdict(verdict)] if verdict else None


@register.filter
def picture(of: dict[str, Any]) -> heat_map.Picture:
    """``{{ details.heat_map|picture }}``: what there is to draw."""
    return heat_map.picture(of)


@register.filter
def anchor(place: dict[str, Any]) -> str:
    """``#{{ check.details|anchor }}``: the line in the code below."""
    return anchor_of(place)


@register.filter
def significant(value: Any) -> str:
    """A number of a report with six significant digits, as the language writes it."""
    return _number(value, 6)


@register.filter
def told_apart(worst: dict[str, Any]) -> tuple[str, str]:
    """The two values with as many digits as it takes to see that they differ."""
    pair = worst["expected"], worst["actual"]
    for digits in range(6, 18):
        texts = _number(pair[0], digits), _number(pair[1], digits)
        if texts[0] != texts[1]:
            break
    return texts


def _number(value: Any, digits: int) -> str:
    if not isinstance(value, int | float):
        return NOT_FINITE.get(value, str(value))
    if isinstance(value, int):
        return str(value).replace("-", "−")
    mantissa, e, power = f"{value:.{digits}g}".partition("e")
    text = number_format(mantissa, use_l10n=True) + e + power
    return text.replace("-", "−")


@register.filter
def spans(numbers: list[Any]) -> str:
    """Ascending numbers in short: 1, 3–5."""
    runs: list[list[Any]] = []
    for number in numbers:
        if runs and isinstance(number, int) and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("–".join(map(str, run)) for run in runs)


@register.filter
def points(value: float) -> str:
    """Points without needless zeros: 2, 1,5."""
    return number_format(f"{value:.2f}".rstrip("0").rstrip("."), use_l10n=True)
