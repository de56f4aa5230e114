"""Small quizzes for the tests, written as an author writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from textwrap import dedent, indent

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.book.models import Chapter
from quizsite.courses.models import Assignment, Course, ItemKind
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.questions import (
    QuestionSpec,
    QuizSpec,
    Variant,
    load_quiz_file,
)
from quizsite.quizzes.services import (
    finish_attempt,
    load_quizzes,
    responses_of,
    start_attempt,
)
from quizsite.quizzes.types.base import Marked, Raw
from tests.factories import AssignmentFactory, ChapterFactory, SectionFactory

NUMBER = """
id: sum
type: numeric
section: 1
params: {a: {int: [1, 9]}, b: {int: [1, 9]}}
require: ["a != b"]
text: Сколько будет $@{a} - @{b}$?
explanation: Вычитаем, получаем @{a - b}.
answer: a - b
tolerance: exact
near_misses: [{answer: b - a, hint: "Вы вычли $@{a}$ из $@{b}$, а не наоборот."}]
"""
SINGLE = """
id: one
type: single
section: 1
text: Что верно?
explanation: Потому что.
options:
  - {text: Верно, correct: true}
  - {text: Неверно, correct: false, hint: Вы спутали это.}
  - {text: Совсем неверно, correct: false, hint: Вы спутали то.}
"""
MULTIPLE = """
id: several
type: multiple
section: 2
text: Что верно?
explanation: Потому что.
points: 2
options:
  - {text: А, correct: true, hint: Забыли А.}
  - {text: Б, correct: true}
  - {text: В, correct: false, hint: В лишнее.}
  - {text: Г, correct: false, hint: Г лишнее.}
"""
SHAPE = """
id: shape
type: shape
section: 2
symbols: {B: , H: , h: , d: {multiple_of: h}}
text: Какая форма?
explanation: Такая.
answer: [B, h, d // h, (H - 1) // 2 + 1]
near_misses: [{answer: [B, h, d, (H - 1) // 2 + 1], hint: Головы делят $d$.}]
"""
MATCHING = """
id: pairs
type: matching
section: 2
text: Что чему?
explanation: Вот так.
pairs:
  - {left: Раз, right: 1, hint: Раз — это один.}
  - {left: Два, right: 2}
  - {left: Тоже два, right: 2}
distractors: [3]
"""
ORDERING = """
id: order
type: ordering
section: 2
text: Расставьте.
explanation: По порядку.
items: [первое, второе, третье, четвёртое]
"""
CODE = """
id: code
type: code_output
section: 2
params: {k: {int: [2, 5]}}
text: Что напечатает?
explanation: Вот что.
code: |
  x = torch.tensor([@{k}., 0.])
  print(x)
answer: tensor([@{k}., 0.])
near_misses: [{answer: "tensor([0., @{k}.])", hint: Порядок другой.}]
"""
OPEN = """
id: open
type: open
section: 2
text: Объясните.
explanation: Объяснение.
reference_points: [Первый факт, Второй факт, Третий факт]
sample: Образец ответа.
"""
RUBRIC = """
id: essay
type: open
section: 2
points: 4
text: Рассудите.
explanation: Объяснение.
sample: Образец эссе.
rubric:
  - name: Польза
    levels:
      - {points: 0, text: не названа}
      - {points: 1, text: названа}
      - {points: 3, text: названа и доказана}
  - name: Вред
    levels:
      - {points: 0, text: не назван}
      - {points: 1, text: назван}
"""
TEXT = """
id: word
type: text
section: 2
text: Как называется?
explanation: Так.
accepted: [стэкинг, stacked generalization]
near_misses:
  - {answer: [бустинг, boosting], hint: Это бустинг.}
"""
FORMULA = """
id: formula
type: formula
section: 2
params: {k: {int: [2, 5]}}
symbols: {t: {float: [0.05, 0.95]}, n: {int: [2, 40]}}
text: Выразите.
explanation: Вот так.
answer: k*ln(t/(1 - t))/n
near_misses:
  - {answer: k*ln((1 - t)/t)/n, hint: Дробь перевёрнута.}
"""
VECTOR = """
id: vector
type: vector
section: 2
params: {a: {int: [2, 5]}}
text: Чему равен вектор?
explanation: Вот чему.
answer: [a, -1/2, 2*a]
tolerance: exact
near_misses:
  - {answer: [a, 1/2, 2*a], hint: Минус потерян.}
"""
SET = """
id: set
type: set
section: 2
params: {a: {int: [2, 5]}}
text: Какие корни?
explanation: Такие.
answer: [a, -a, 0]
tolerance: exact
near_misses:
  - {answer: [a, 0], hint: Корней три.}
"""
PARSONS = """
id: lines
type: parsons
section: 2
text: Соберите программу.
explanation: Так.
lines: |
  for x, y in loader:
      optimizer.zero_grad()
      loss = criterion(model(x), y)
      loss.backward()
      optimizer.step()
distractors:
  - {line: model.eval(), hint: Сеть обучают.}
"""
EVERY = (NUMBER, SINGLE, MULTIPLE, SHAPE, MATCHING, ORDERING, CODE, OPEN)
MORE = (TEXT, FORMULA, VECTOR, SET, PARSONS)


def quiz_text(*questions: str) -> str:
    items = "".join(
        "  -\n" + indent(dedent(question).strip("\n"), "    ") + "\n"
        for question in questions
    )
    return f"title: Пробный квиз\nquestions:\n{items}"


def write_quiz(directory: Path, *questions: str) -> Path:
    path = directory / "quiz.yaml"
    path.write_text(quiz_text(*questions), encoding="utf-8")
    return path


Read = Callable[..., QuizSpec]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Questions as text in, a validated and proven quiz out."""

    def read(*questions: str, proofs: int = 10) -> QuizSpec:
        return load_quiz_file(write_quiz(tmp_path, *questions), proofs=proofs)

    return read


@pytest.fixture
def one(read: Read) -> Callable[[str], QuestionSpec]:
    return lambda question: read(question).questions[0]


@pytest.fixture
def chapters_dir(tmp_path: Path) -> Path:
    """A folder as in fixtures/chapters, with one chapter of every question type."""
    folder = tmp_path / "01-trial"
    folder.mkdir()
    (folder / "chapter.yaml").write_text("slug: trial\n", encoding="utf-8")
    write_quiz(folder, *EVERY)
    return tmp_path


@pytest.fixture
def chapter(db: None) -> Chapter:
    chapter = ChapterFactory(slug="trial", title="Пробная глава")
    for number in (1, 2):
        SectionFactory(chapter=chapter, number=number, title=f"Раздел {number}")
    return chapter


@pytest.fixture
def quiz(chapters_dir: Path, chapter: Chapter) -> Quiz:
    load_quizzes(chapters_dir)
    return Quiz.objects.get()


@pytest.fixture
def attempt(quiz: Quiz, bob) -> Attempt:
    """Bob's, just started."""
    return start_attempt(quiz=quiz, user=bob, guest_key="")


def answer_all(attempt: Attempt) -> None:
    """Store the key of every question."""
    for response in responses_of(attempt):
        response.answer = response.variant.key
        response.save()


@pytest.fixture
def finished(attempt: Attempt) -> Attempt:
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    return attempt


class Clock:
    """The server's clock, which stands until a test moves it."""

    def __init__(self) -> None:
        self.now = timezone.now().replace(microsecond=0)

    def forward(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def assigned(course: Course, quiz: Quiz) -> Callable[..., Assignment]:
    """The quiz as an assignment of Alice's course, on the terms that are said."""

    def assigned(**terms: object) -> Assignment:
        return AssignmentFactory(
            course=course, kind=ItemKind.QUIZ, item="trial", title="Квиз", **terms
        )

    return assigned


@pytest.fixture
def started(quiz: Quiz, bob: User) -> Callable[..., Attempt]:
    """Bob's attempt, for an assignment or as he likes."""

    def started(assignment: Assignment | None = None, **how: object) -> Attempt:
        return start_attempt(
            quiz=quiz, user=bob, guest_key="", assignment=assignment, **how
        )

    return started


def response(attempt: Attempt, position: int) -> Response:
    """As a request would read it: anew."""
    return responses_of(Attempt.objects.get(pk=attempt.pk))[position - 1]


def wrong(response: Response) -> Raw:
    """An answer that can be read and is not right."""
    return response.variant.drawn.wrong_answers()[0]


def url(name: str, attempt: Attempt, *more: object) -> str:
    return reverse(f"quizzes:{name}", args=[attempt.id, *more])


def text(reply: HttpResponse) -> str:
    return unescape(reply.content.decode())


def answers(attempt: Attempt) -> list[object]:
    return [response.answer for response in responses_of(attempt)]


def mark(variant: Variant, raw: Raw) -> Marked:
    return variant.mark(variant.parse(raw))
