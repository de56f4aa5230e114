"""The form in between: one question as any of the formats could say it.

Texts are HTML with formulas as ``\\(…\\)`` and ``\\[…\\]``, which is how Moodle keeps
them; everything is plain data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

from markdownify import markdownify

Kind = Literal["single", "multiple", "number", "text", "matching", "essay"]
_MATH = re.compile(
    r'<(span|div) class="math (inline|block)">(.*?)</\1>', re.DOTALL | re.IGNORECASE
)
_FORMULA = re.compile(
    # No formula within a formula: else each that never ends is sought to the end.
    r"\\\((?P<inline>(?:(?!\\\().)+?)\\\)|\\\[(?P<block>(?:(?!\\\[).)+?)\\\]"
    r"|\$\$(?P<dollars>.+?)\$\$",
    re.DOTALL,
)
_IMAGE = re.compile(r"<img\b", re.IGNORECASE)
_HELD = "\ue000{}\ue001"  # stands for a formula while the rest is converted
_HELD_BACK = re.compile("\ue000([0-9]{1,7})\ue001")


class Unreadable(ValueError):
    """A file is not of its format; Russian, says what to do."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the other side cannot say."""

    question: str
    message: str  # Russian

    def __str__(self) -> str:
        return f"{self.question}: {self.message}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An option or an accepted form; ``credit`` is 0…1, below 0 a penalty."""

    text: str
    credit: float
    feedback: str = ""
    tolerance: float = 0.0  # of a number


@dataclass(frozen=True, slots=True)
class Item:
    """A question, without parameters."""

    name: str
    kind: Kind
    text: str
    answers: tuple[Answer, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    distractors: tuple[str, ...] = ()
    explanation: str = ""
    hints: tuple[str, ...] = ()
    points: float = 1.0
    grader_notes: str = ""  # of an essay


@dataclass(slots=True)
class Exchange:
    """What came of a conversion."""

    items: list[Item] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def lose(self, question: str, message: str) -> None:
        loss = Loss(question, message)
        if loss not in self.losses:
            self.losses.append(loss)


def foreign_html(html: str) -> str:
    """Our HTML as Moodle's filter for mathematics wants it."""

    def formula(found: re.Match[str]) -> str:
        opening, closing = ("\\(", "\\)") if found[2] == "inline" else ("\\[", "\\]")
        return f"{opening}{found[3]}{closing}"

    return _MATH.sub(formula, html)


def has_images(html: str) -> bool:
    return _IMAGE.search(html) is not None


def own_markdown(html: str) -> str:
    """Their HTML as our Markdown; images are left out, formulas kept."""
    formulas: list[str] = []

    def hold(found: re.Match[str]) -> str:
        inline = found["inline"]
        body = unescape(inline or found["block"] or found["dollars"]).strip()
        formulas.append(f"${body}$" if inline else f"$${body}$$")
        return _HELD.format(len(formulas) - 1)

    held = _FORMULA.sub(hold, html)
    text = markdownify(held, heading_style="ATX", strip=["img"], bullets="-")
    text = text.replace("$", r"\$").replace("@{", "@ {")

    def release(found: re.Match[str]) -> str:
        number = int(found[1])  # a foreign text may contain the mark itself
        return formulas[number] if number < len(formulas) else ""

    text = _HELD_BACK.sub(release, text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
