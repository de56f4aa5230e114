"""Formulas, words, lists and lines of code through the API: the pages' rules."""

from __future__ import annotations

import pytest

from quizsite.quizzes.models import Question, QuestionVersion, Quiz
from quizsite.quizzes.questions import digest_of
from tests.api.conftest import SECRET, assert_problem
from tests.factories import ChapterFactory, SectionFactory

SPECS = [
    {
        "type": "formula",
        "symbols": {"t": {"float": [0.1, 0.9]}},
        "answer": "2*t",
        "near_misses": [{"answer": "t", "hint": SECRET}],
    },
    {
        "type": "text",
        "accepted": ["стэкинг"],
        "near_misses": [{"answer": "бустинг", "hint": SECRET}],
    },
    {"type": "vector", "answer": ["1", "2"], "tolerance": "exact"},
    {"type": "set", "answer": ["1", "2"], "tolerance": "exact"},
    {
        "type": "parsons",
        "lines": "for x in y:\n    f(x)\ng()\n",
        "distractors": [{"line": "h()", "hint": SECRET}],
    },
]
FORMULA, TEXT, VECTOR, SET, LINES = range(1, 6)


@pytest.fixture
def attempt(bobs, db):
    chapter = ChapterFactory(slug="transformer", title="Трансформер")
    SectionFactory(chapter=chapter, number=1)
    quiz = Quiz.objects.create(chapter=chapter, title="Квиз")
    for position, part in enumerate(SPECS, start=1):
        name = f"q{position}"
        spec = {"id": name, "section": 1, "text": "?", "explanation": SECRET, **part}
        question = Question.objects.create(quiz=quiz, slug=name, position=position)
        QuestionVersion.objects.create(
            question=question,
            number=1,
            digest=digest_of(spec),
            type=spec["type"],
            section=1,
            spec=spec,
        )
    return bobs.post("attempts/", {"chapter": "transformer"}).json


@pytest.fixture
def put(bobs, attempt):
    def answered(position, answer):
        return bobs.put(f"{attempt['address']}answers/{position}/", {"answer": answer})

    return answered


def line_ids(attempt) -> dict[str, str]:
    items = attempt["questions"][LINES - 1]["items"]
    return {item["text"]: item["id"] for item in items}


def test_every_type_shows_what_is_needed_to_answer_it(attempt):
    *boxes, lines = attempt["questions"]
    assert all(one["answer_form"] == "text" for one in boxes)
    assert "выражение через t" in boxes[0]["inputs"][0]["rule"]
    assert lines["answer_form"] == "map"
    assert set(line_ids(attempt)) == {"for x in y:", "f(x)", "g()", "h()"}
    assert [one["id"] for one in lines["choices"]] == ["1", "2", "3", "4"]
    assert lines["indents"][:2] == ["0", "1"]


def test_nothing_is_given_away(bobs, attempt):
    assert SECRET not in bobs.get(attempt["address"]).text


@pytest.mark.parametrize(
    ("position", "answer", "understood"),
    [
        (FORMULA, "t + t", "$t + t$"),
        (VECTOR, "1; 1/2", "(1; 0,5)"),
        (SET, "2; 2; 1", "{2; 1}"),
    ],
)
def test_an_answer_is_echoed_as_it_was_read(put, position, answer, understood):
    saved = put(position, answer)
    assert saved.status == 200, saved.text
    assert saved.json["understood"] == {"": understood}


def test_lines_are_answered_by_place_and_indent(put, attempt):
    ids = line_ids(attempt)
    sent = {ids["for x in y:"]: "1", ids["f(x)"]: "2", f"{ids['f(x)']}i": 1}
    assert put(LINES, sent).json["state"] == "answered"


@pytest.mark.parametrize(
    ("position", "answer"),
    [
        (FORMULA, "2q"),
        (FORMULA, "9^9^9"),
        (FORMULA, "t if t else 1"),
        (TEXT, "..."),
        (TEXT, "x" * 201),
        (VECTOR, "1,2,3"),
        (SET, "1; x"),
        (LINES, {"1": "1", "2": "1"}),
        (LINES, {"1": "99"}),
    ],
)
def test_a_malformed_answer_is_told_and_costs_nothing(
    bobs, attempt, put, position, answer
):
    refused = put(position, answer)
    assert_problem(refused, 422, "invalid")
    kept = bobs.get(attempt["address"]).json["questions"][position - 1]
    assert kept["state"] == "blank"
