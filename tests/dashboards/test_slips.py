"""Slips are told in the words of the question's file."""

from __future__ import annotations

import pytest

from quizsite.dashboards.slips import Slip, describe

CHOICE = {
    "options": [
        {"text": "да, @{a}", "correct": True},
        {"text": "нет", "correct": False, "hint": "Спутали с $x^@{n}$."},
    ]
}
NUMBER = {"near_misses": [{"answer": "a*b + b", "hint": "Забыто смещение."}]}
FIELDS = {"fields": [{"id": "q", **NUMBER}]}
SHAPE = {"near_misses": [{"answer": ["B", "n", "d // h"], "hint": "Оси."}]}
PAIRS = {"pairs": [{"left": "RNN", "right": "O(n)", "hint": "По очереди."}]}

WORD = {
    "type": "text",
    "near_misses": [{"answer": ["бустинг", "boosting"], "hint": "Это другое."}],
}
LINES = {"distractors": [{"line": "loss.step()", "hint": "Шаг делает оптимизатор."}]}


@pytest.mark.parametrize(
    ("spec", "slip", "what", "hint"),
    [
        ({"type": "numeric", **NUMBER}, "#0", "Забыто смещение.", ""),
        (CHOICE, "option:1", "нет", "Спутали с $x^…$."),
        (CHOICE, "option:0", "не выбрано верное: да, …", ""),
        (NUMBER, "#0", "`a*b + b`", "Забыто смещение."),
        (FIELDS, "q#0", "`a*b + b`", "Забыто смещение."),
        (SHAPE, "#0", "`(B, n, d // h)`", "Оси."),
        (PAIRS, "pair:0", "RNN", "По очереди."),
        ({"type": "vector", **NUMBER}, "#0", "Забыто смещение.", ""),
        (WORD, "#0", "`бустинг, boosting`", "Это другое."),
        (LINES, "distractor:0", "`` loss.step() ``", "Шаг делает оптимизатор."),
        ({}, "usual:sign", "Потерян или лишний знак", "Проверьте знак."),
        ({}, "form", "числа верны, форма записи — нет", ""),
    ],
)
def test_a_slip_is_told_as_its_author_wrote_it(spec, slip, what, hint):
    assert describe(spec, slip) == Slip(what, hint)


UNKNOWN = ["option:9", "pair:x", "no#0", "#7", "usual:x", "distractor:1", "новое", ""]


@pytest.mark.parametrize("slip", UNKNOWN)
def test_an_unknown_slip_is_shown_as_it_is(slip):
    assert describe(CHOICE, slip) == Slip(slip, "")
