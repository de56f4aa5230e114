"""What a mark's slips name, in the words of the question's file.

A slip names a place in the file (``option:3``, ``#0``, ``axis#1``, ``pair:2``,
``distractor:0``) or a kind of mistake (``usual:sign``), so it is the same for every
variant; numbers that vary are left out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from quizsite.quizzes.misconceptions import vocabulary
from quizsite.quizzes.types.usual import HINTS

_SLOT = re.compile(r"@\{[^{}]*\}")
Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Slip:
    """Markdown: what was chosen or written, and the hint that went with it."""

    what: str
    hint: str


def without_numbers(text: Any) -> str:
    """An author's text with «…» for what differs between variants."""
    return _SLOT.sub("…", str(text))


def describe(spec: Spec, slip: str) -> Slip:
    """The slip in words; a name that the file does not know is shown as it is."""
    if slip == "form":
        return Slip(_("числа верны, форма записи — нет"), "")
    try:
        return _described(spec, slip)
    except (KeyError, IndexError, ValueError, StopIteration):
        return Slip(slip, "")


def _described(spec: Spec, slip: str) -> Slip:
    if slip.startswith("option:"):
        return _option(spec["options"][int(slip[7:])])
    if slip.startswith("usual:"):
        return _usual(slip[6:])
    if slip.startswith("distractor:"):
        line = spec["distractors"][int(slip[11:])]
        return Slip(f"`` {without_numbers(line['line']).strip()} ``", _hint(line))
    if slip.startswith("pair:"):
        pair = spec["pairs"][int(slip[5:])]
        return Slip(without_numbers(pair["left"]), _hint(pair))
    field, _sharp, number = slip.partition("#")
    part = spec
    if field:
        part = next(one for one in spec["fields"] if one["id"] == field)
    miss = part["near_misses"][int(number)]
    if spec.get("type") in ("numeric", "vector", "set"):
        return Slip(_hint(miss), "")  # the author's formula says nothing to others
    return Slip(f"`{_answer(miss['answer'], spec)}`", _hint(miss))


def _usual(kind: str) -> Slip:
    """A mistake that anybody makes with any number, found without the author."""
    return Slip(vocabulary()[kind].title, HINTS[kind])


def _option(option: Spec) -> Slip:
    text = without_numbers(option["text"])
    if option["correct"] is True:
        text = _("не выбрано верное: %s") % text
    return Slip(text, _hint(option))


def _hint(part: Spec) -> str:
    return without_numbers(part.get("hint", ""))


def _answer(answer: Any, spec: Spec) -> str:
    if isinstance(answer, list):
        if spec.get("type") == "text":
            return ", ".join(map(without_numbers, answer))
        return f"({', '.join(map(str, answer))})"
    return without_numbers(answer).strip()
