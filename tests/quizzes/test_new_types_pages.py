"""Boxes and lines of code as pages and forms, without JavaScript."""

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
from tests.quizzes.conftest import MORE, answer_all, answers, text, url, write_quiz
from tests.quizzes.test_pages import form

TEXT, FORMULA, VECTOR, SET, LINES = range(1, 6)


@pytest.fixture
def attempt(tmp_path, chapter: Chapter, bob):
    folder = tmp_path / "01-trial"
    folder.mkdir()
    (folder / "chapter.yaml").write_text("slug: trial\n", encoding="utf-8")
    write_quiz(folder, *MORE)
    load_quizzes(tmp_path)
    return start_attempt(quiz=Quiz.objects.get(), user=bob, guest_key="")


def test_every_type_has_its_controls(attempt, as_bob):
    page = text(as_bob.get(url("attempt", attempt)))
    assert page.count('maxlength="400"') == 4
    assert page.count("data-place>") == page.count("data-indent>") == 6
    assert "Соберите программу" in page
    assert "выражение через t, n" in page


def test_the_page_gives_no_key_away(attempt, as_bob):
    page = text(as_bob.get(url("attempt", attempt)))
    for secret in ("стэкинг", "перевёрнута", "Сеть обучают", "near", "usual"):
        assert secret not in page


def test_a_form_saves_every_type(attempt, as_bob):
    program = {f"q{LINES}-{name}": "" for name in ("1", "2", "3", "4", "5", "6")}
    program |= {f"q{LINES}-2": "1", f"q{LINES}-4": "2", f"q{LINES}-4i": "1"}
    sent = form(attempt, q1="Стэкинг", q2="ln(t)", q3="1; 2; 3", q4="∅", **program)
    as_bob.post(url("attempt", attempt), sent)
    saved = answers(attempt)
    assert saved[:4] == ["Стэкинг", "ln(t)", "1; 2; 3", "∅"]
    assert (saved[4]["2"], saved[4]["4"], saved[4]["4i"]) == ("1", "2", "1")
    page = text(as_bob.get(url("attempt", attempt)))
    assert r'Понято как <span class="math inline">\ln(t)</span>' in page
    assert "Понято как (1; 2; 3)" in page


def test_an_unused_page_changes_nothing(attempt, as_bob):
    as_bob.post(url("attempt", attempt), form(attempt))
    assert answers(attempt) == [None] * 5


def test_a_formula_is_echoed_with_its_mathematics(attempt, as_bob):
    said = as_bob.post(url("answer", attempt, FORMULA), {"q2": "2т/n"}).json()
    assert said["echo"][""].startswith(r"$\frac{2 \, t}{n}$ (русские буквы")


def test_an_error_is_shown_under_its_place_and_escaped(attempt, as_bob):
    save_answer(response=responses_of(attempt)[FORMULA - 1], raw="t + <b>")
    page = as_bob.get(url("attempt", attempt)).content.decode()
    assert '<code class="pointed-at" aria-hidden="true">t + &lt;b&gt;' in page
    assert "t + <b>" not in page


def test_a_line_put_twice_is_told_below_the_question(attempt, as_bob):
    sent = {f"q{LINES}-1": "1", f"q{LINES}-2": "1"}
    said = as_bob.post(url("answer", attempt, LINES), sent).json()
    assert said["state"] == "malformed"
    assert "место 1 выбрано дважды" in said["errors"].values()
    assert "место 1 выбрано дважды" in text(as_bob.get(url("attempt", attempt)))


def test_right_answers_are_worth_everything(attempt, as_bob):
    answer_all(attempt)
    finish_attempt(attempt=attempt)
    assert attempt.share == 1
    assert text(as_bob.get(url("result", attempt))).count('badge ok">верно<') == 5


def test_wrong_answers_are_explained(attempt, as_bob):
    for response in responses_of(attempt):
        wrong = response.variant.drawn.wrong_answers()[-1]
        save_answer(response=response, raw=wrong)
    finish_attempt(attempt=attempt)
    page = text(as_bob.get(url("result", attempt)))
    for said in (
        "Это бустинг.",
        "Дробь перевёрнута.",
        "ожидалось",
        "Минус потерян.",
        "Корней три.",
        "отступ 0 не тот",
        "    loss.backward()",  # the key
    ):
        assert said in page


def test_old_versions_may_have_tags_that_are_gone(attempt):
    """What is stored was sound once; only files are checked."""
    response = responses_of(attempt)[TEXT - 1]
    version = response.version
    version.spec["near_misses"][0]["tag"] = "gone"
    version.digest = "another"
    version.save()
    [response, *_] = responses_of(attempt)
    marked = response.variant.mark(response.variant.parse("бустинг"))
    assert marked.tags == ("gone",)
