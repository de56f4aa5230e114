"""Answers that nobody could compare: kept, not counted, shown to the authors alone."""

from __future__ import annotations

import pytest

from quizsite.book.models import Chapter
from quizsite.quizzes.models import Quiz
from quizsite.quizzes.services import (
    finish_attempt,
    load_quizzes,
    responses_of,
    save_answer,
    start_attempt,
)
from quizsite.quizzes.undecided import undecided_answers
from tests.factories import UserFactory
from tests.quizzes.conftest import FORMULA, NUMBER, text, url, write_quiz

PAGE = "/authors/undecided/"


@pytest.fixture
def finished(tmp_path, chapter: Chapter, bob, charlie, monkeypatch):
    """Bob's and Charlie's attempts with the same doubtful formula."""
    monkeypatch.setattr("quizsite.lib.formulas.equality.proven_equal", lambda *_: None)
    folder = tmp_path / "01-trial"
    folder.mkdir()
    (folder / "chapter.yaml").write_text("slug: trial\n", encoding="utf-8")
    write_quiz(folder, NUMBER, FORMULA.replace("[2, 5]", "[2, 2]"))
    load_quizzes(tmp_path)
    attempts = []
    for user in (bob, charlie):
        attempt = start_attempt(quiz=Quiz.objects.get(), user=user, guest_key="")
        number, formula = responses_of(attempt)
        save_answer(response=number, raw=number.variant.key)
        save_answer(response=formula, raw="2*ln(t/(1-t))/n + 1e-30")
        finish_attempt(attempt=attempt)
        attempts.append(attempt)
    return attempts


def test_an_undecided_answer_costs_nothing(finished):
    assert (finished[0].score, finished[0].max_score) == (1, 1)
    response = responses_of(finished[0])[1]
    assert response.mark is None
    assert response.feedback["undecided"] is True


def test_the_reader_is_told(finished, as_bob):
    page = text(as_bob.get(url("result", finished[0])))
    assert "Сравнить эту запись с верной автоматически не удалось" in page


def test_the_author_sees_it_once_with_its_count(finished, client):
    client.force_login(UserFactory(username="author", is_staff=True))
    page = text(client.get(PAGE))
    assert "10^{-30}" in page
    assert "<code>formula</code>" in page
    [one] = undecided_answers()
    assert one.times == 2


def test_without_any_the_page_says_so(client, db):
    client.force_login(UserFactory(username="author", is_staff=True))
    assert "Таких ответов нет" in text(client.get(PAGE))


def test_nobody_else_sees_them(finished, client, as_charlie, as_alice):
    for visitor in (client, as_charlie, as_alice):
        assert visitor.get(PAGE).status_code == 404
