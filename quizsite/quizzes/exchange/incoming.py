"""Questions of other systems as a ``quiz.yaml`` for an author to go on with."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import yaml
from django.utils.text import slugify

from quizsite.quizzes.exchange.items import Answer, Exchange, Item, own_markdown
from quizsite.quizzes.types.text import normalised

UNEXPLAINED = "Объяснения в исходном файле не было: напишите его."
NO_HINT = "Это неверно."
NO_POINTS = "Впишите сюда факт, который должен быть в ответе."
SHARE = 1e-3  # shares are rounded in files
MAX_ID = 50
MOST_DIGITS, LEAST_RTOL = 10, 1e-9


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, as authors write them."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text or len(text) > 60 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def to_yaml(exchange: Exchange, title: str, section: int) -> str:
    """The file; what could not be carried over is added to the losses."""
    questions = [_question(item, section, exchange) for item in exchange.items]
    _rename_repeats(questions)
    content = {"title": title, "questions": questions}
    return yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100
    )


def _rename_repeats(questions: Sequence[dict[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for question in questions:
        name = question["id"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            question["id"] = f"{name[: MAX_ID - 4]}-{seen[name]}"


def _question(item: Item, section: int, exchange: Exchange) -> dict[str, Any]:
    number = exchange.items.index(item) + 1
    slug = re.sub(r"[^a-z0-9]+", "-", slugify(item.name)).strip("-")[:MAX_ID]
    question: dict[str, Any] = {
        "id": slug.strip("-") or f"imported-{number}",
        "type": _TYPES[item.kind],
        "section": section,
        "text": own_markdown(item.text) or item.name,
    }
    if item.points != 1:
        question["points"] = item.points
    question |= _BODIES[item.kind](item, exchange)
    if not item.explanation.strip():
        exchange.lose(item.name, "нет объяснения")
    question["explanation"] = own_markdown(item.explanation) or UNEXPLAINED
    if item.hints:
        question["hints"] = [own_markdown(hint) for hint in item.hints]
    return question


def _choice(item: Item, exchange: Exchange) -> dict[str, Any]:
    options = []
    for answer in item.answers:
        right = answer.credit > SHARE
        option = {"text": own_markdown(answer.text), "correct": right}
        hint = own_markdown(answer.feedback)
        if not right and not hint:
            exchange.lose(item.name, "у неверного варианта нет объяснения")
        if hint or not right:
            option["hint"] = hint or NO_HINT
        options.append(option)
    if item.kind == "single" and any(
        SHARE < a.credit < 1 - SHARE for a in item.answers
    ):
        exchange.lose(item.name, "частичный балл за вариант")
    return {"options": options}


def _near_misses(item: Item, answers: Sequence[Answer]) -> dict[str, Any]:
    misses = [
        {"answer": _value(item, one), "hint": own_markdown(one.feedback) or NO_HINT}
        for one in answers
    ]
    return {"near_misses": misses} if misses else {}


def _value(item: Item, answer: Answer) -> Any:
    if item.kind != "number":
        return own_markdown(answer.text)
    number = float(answer.text)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _split(item: Item, exchange: Exchange) -> tuple[list[Answer], list[Answer]]:
    """Right answers and foreseen wrong ones; half-right ones can be neither."""
    right = [one for one in item.answers if one.credit > 1 - SHARE]
    wrong = [one for one in item.answers if one.credit < SHARE and one.text != "*"]
    if len(right) + len(wrong) < sum(one.text != "*" for one in item.answers):
        exchange.lose(item.name, "частично верные ответы")
    return right, wrong


def _number(item: Item, exchange: Exchange) -> dict[str, Any]:
    right, wrong = (list(filter(_is_number, part)) for part in _split(item, exchange))
    if not right:
        exchange.lose(item.name, "нет верного ответа: впишите его")
        return {"answer": 0, "tolerance": "exact"}
    if len(right) > 1:
        exchange.lose(item.name, "верных чисел несколько: взято первое")
    tolerance = _tolerance(right[0].tolerance)
    body = {"answer": _value(item, right[0]), "tolerance": tolerance}
    return body | _near_misses(item, wrong)


def _is_number(answer: Answer) -> bool:
    """Elsewhere a number may also be "*" or a word."""
    try:
        return math.isfinite(float(answer.text))
    except ValueError:
        return False


def _tolerance(width: float) -> Any:
    """Half of a decimal place is rounding; anything else stays as it is."""
    if not width:
        return "exact"
    for digits in range(MOST_DIGITS + 1):
        if math.isclose(width, 0.5 * 10**-digits, rel_tol=1e-6):
            return {"rounded": digits}
    return {"computed": {"rtol": LEAST_RTOL, "atol": width}}


def _text(item: Item, exchange: Exchange) -> dict[str, Any]:
    right, wrong = _split(item, exchange)
    if any("*" in one.text for one in right):
        exchange.lose(item.name, "звёздочка в ответе значит только звёздочку")
    accepted = [own_markdown(one.text) for one in right]
    if not accepted:
        exchange.lose(item.name, "нет верного ответа: впишите его")
    read_alike = set(map(normalised, accepted))
    wrong = [
        one for one in wrong if normalised(own_markdown(one.text)) not in read_alike
    ]
    return {"accepted": accepted or ["?"]} | _near_misses(item, wrong)


def _matching(item: Item, exchange: Exchange) -> dict[str, Any]:
    pairs = [{"left": own_markdown(a), "right": own_markdown(b)} for a, b in item.pairs]
    body: dict[str, Any] = {"pairs": pairs}
    if item.distractors:
        body["distractors"] = [own_markdown(one) for one in item.distractors]
    return body


def _essay(item: Item, exchange: Exchange) -> dict[str, Any]:
    notes = own_markdown(item.grader_notes)
    lines = [line.strip() for line in notes.splitlines()]
    points = [line[2:] for line in lines if line.startswith(("- ", "* "))]
    rest = "\n".join(line for line in lines if not line.startswith(("- ", "* ")))
    if not points:
        exchange.lose(item.name, "нет эталонных фактов: впишите их")
    return {
        "reference_points": points or [NO_POINTS] * 3,
        "sample": rest.strip() or "…",
    }


_TYPES = {"number": "numeric", "essay": "open"}
_TYPES |= {kind: kind for kind in ("single", "multiple", "text", "matching")}
_BODIES = {
    "single": _choice,
    "multiple": _choice,
    "number": _number,
    "text": _text,
    "matching": _matching,
    "essay": _essay,
}
