from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client

from quizsite.api.services import issue_token
from quizsite.quizzes.models import Question, QuestionVersion, Quiz
from quizsite.quizzes.questions import digest_of
from tests.factories import ChapterFactory, SectionFactory

ALL_SCOPES = ["read", "attempts", "submissions", "staff"]
SECRET = "ТОЛЬКО-ДЛЯ-ПРОВЕРКИ"  # in every place that must not come out too early

SPECS = [
    {
        "type": "single",
        "text": "Чему равно $@{a}+1$?",
        "params": {"a": {"int": [2, 9]}},
        "options": [
            {"text": "@{a+1}", "correct": True},
            {"text": "@{a}", "correct": False, "hint": f"{SECRET} прибавьте"},
        ],
    },
    {
        "type": "multiple",
        "text": "Что верно?",
        "options": [
            {"text": "А", "correct": True},
            {"text": "Б", "correct": True},
            {"text": "В", "correct": False, "hint": SECRET},
        ],
    },
    {
        "type": "numeric",
        "text": "Сколько?",
        "answer": "0.25",
        "tolerance": {"rounded": 2},
        "near_misses": [{"answer": "0.5", "hint": SECRET}],
    },
    {
        "type": "shape",
        "text": "Какая форма?",
        "answer": ["2", "3"],
        "near_misses": [{"answer": ["3", "2"], "hint": SECRET}],
    },
    {
        "type": "matching",
        "text": "Соедините",
        "pairs": [
            {"left": "RNN", "right": "O(n)", "hint": SECRET},
            {"left": "Внимание", "right": "O(n²)"},
        ],
    },
    {"type": "ordering", "text": "Порядок", "items": ["раз", "два", "три"]},
    {
        "type": "code_output",
        "text": "Что напечатает?",
        "code": "print(1 + 1)",
        "answer": "2",
        "near_misses": [{"answer": "11", "hint": SECRET}],
    },
    {
        "type": "open",
        "text": "Почему?",
        "reference_points": [f"{SECRET} {n}" for n in range(3)],
        "sample": SECRET,
    },
]


@pytest.fixture(autouse=True)
def _nobody_has_called_yet():
    cache.clear()


@pytest.fixture
def quiz(db) -> Quiz:
    """One question of every type."""
    chapter = ChapterFactory(slug="transformer", title="Трансформер")
    SectionFactory(chapter=chapter, number=1)
    made = Quiz.objects.create(chapter=chapter, title="Квиз")
    for position, part in enumerate(SPECS, start=1):
        common = {"id": f"q{position}", "section": 1, "explanation": f"{SECRET}!"}
        spec = common | part
        question = Question.objects.create(
            quiz=made, slug=f"q{position}", position=position
        )
        QuestionVersion.objects.create(
            question=question,
            number=1,
            digest=digest_of(spec),
            type=spec["type"],
            section=1,
            spec=spec,
        )
    return made


class Api:
    """A client with a token; ``api.get("grades/")`` gives status, JSON, headers."""

    def __init__(self, user=None, scopes=ALL_SCOPES) -> None:
        self.client = Client()
        self.headers = {}
        if user is not None:
            _token, self.key = issue_token(user=user, name="т", scopes=scopes, days=30)
            self.headers = {"Authorization": f"Bearer {self.key}"}

    def __call__(self, method, path, data=None, *, headers=None, **extra):
        url = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        call = getattr(self.client, method)
        body = {} if data is None else {"data": data}
        if data is not None and method != "get":
            extra.setdefault("content_type", "application/json")
        response = call(url, **body, headers=self.headers | (headers or {}), **extra)
        content = response.getvalue() if response.streaming else response.content
        is_json = "json" in response.get("Content-Type", "")
        return SimpleNamespace(
            status=response.status_code,
            json=response.json() if is_json and content else None,
            text=content.decode(errors="replace"),
            content=content,
            headers=response.headers,
        )

    def get(self, path, data=None, **options):
        return self("get", path, data, **options)

    def post(self, path, data=None, **options):
        return self("post", path, {} if data is None else data, **options)

    def put(self, path, data, **options):
        return self("put", path, data, **options)


@pytest.fixture
def guest(db) -> Api:
    return Api()


@pytest.fixture
def bobs(bob) -> Api:
    return Api(bob)


@pytest.fixture
def charlies(charlie) -> Api:
    return Api(charlie)


def assert_problem(answer, status: int, slug: str) -> None:
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"].endswith(f"/api/#{slug}")
    assert answer.json["title"]
    assert answer.json["detail"]
