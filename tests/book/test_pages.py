"""The contents and the chapters' pages, for guests and for readers with a history."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from exercises import spec
from graders.verdicts import Verdict
from quizsite.accounts.access import GUEST_KEY
from quizsite.book import pages
from quizsite.quizzes.models import Attempt, Question, Quiz
from quizsite.submissions.models import State
from tests.factories import ChapterFactory, SectionFactory, SubmissionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def exercises(monkeypatch):
    """Two exercises of the chapter «nets», made from a real one."""
    real = spec.all_exercises()[0]
    two = (
        replace(real, slug="ex_b", title="Слой", chapter="nets", section=2),
        replace(real, slug="ex_a", title="Нейрон", chapter="nets", section=1),
    )
    monkeypatch.setattr(pages, "all_exercises", lambda: two)
    return two


@pytest.fixture
def nets(exercises):
    chapter = ChapterFactory(slug="nets", order=1, title="Сети", has_questions=True)
    SectionFactory(
        chapter=chapter, number=1, title="Линейный нейрон", url="https://a.ru/1"
    )
    quiz = Quiz.objects.create(chapter=chapter, title="Сети")
    for number in range(3):
        Question.objects.create(quiz=quiz, slug=f"q{number}", position=number)
    Question.objects.create(quiz=quiz, slug="old", position=9, retired=True)
    return chapter


def attempt(chapter, *, score: float | None = None, **owner) -> Attempt:
    finished = {} if score is None else {"score": score, "max_score": 10.0}
    finished |= {} if score is None else {"finished_at": timezone.now()}
    return Attempt.objects.create(
        quiz=chapter.quiz, seed=bytes(16), **finished, **owner
    )


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_the_contents_name_chapters_author_and_book(client, nets):
    html = page(client, "/").replace("&nbsp;", " ")
    assert 'href="/chapters/nets/"' in html
    assert "Квиз: 3 вопроса" in html
    assert "2 задания" in html
    assert "в учебнике есть «Вопросы»" in html
    assert "Виктор Владимирович Китов" in html
    assert 'href="https://deepmachinelearning.ru"' in html


def test_an_empty_book_says_so(client):
    assert "Глав пока нет" in page(client, "/")


def test_the_chapter_links_to_the_textbook_and_its_sections(client, nets):
    html = page(client, "/chapters/nets/").replace("&nbsp;", " ")
    assert 'href="https://deepmachinelearning.ru/docs"' in html
    assert "В. В. Китов" in html
    assert '<a href="https://a.ru/1" rel="external">Линейный нейрон</a>' in html
    assert html.index("Нейрон</a></h3>") < html.index("Слой</a></h3>")


def test_a_guest_is_offered_the_quiz(client, nets):
    html = page(client, "/chapters/nets/")
    assert "Начать квиз" in html
    assert "Регистрация не нужна" in html


def test_a_chapter_without_quiz_and_exercises_says_so(client, exercises):
    ChapterFactory(slug="empty", order=5)
    html = page(client, "/chapters/empty/")
    assert "Квиза к этой главе пока нет" in html
    assert "Заданий к этой главе пока нет" in html


def test_the_reader_sees_the_best_and_the_last_result(as_bob, bob, nets):
    attempt(nets, user=bob, score=8)
    last = attempt(nets, user=bob, score=5)
    html = page(as_bob, "/chapters/nets/")
    assert "<strong>80 %</strong>" in html
    assert f'href="/attempts/{last.pk}/result/"' in html
    assert "(50 %)" in html
    assert "Пройти ещё раз" in html
    assert "лучший результат 80 %" in page(as_bob, "/")


def test_a_begun_quiz_is_continued(as_bob, bob, nets):
    begun = attempt(nets, user=bob)
    html = page(as_bob, "/chapters/nets/")
    assert "Продолжить квиз" in html
    assert f'href="/attempts/{begun.pk}/"' in html
    assert "начат" in page(as_bob, "/")


def test_a_guest_continues_what_their_session_began(client, nets):
    session = client.session
    session[GUEST_KEY] = "my-key"
    session.save()
    attempt(nets, guest_key="another-key")
    assert "Начать квиз" in page(client, "/chapters/nets/")
    attempt(nets, guest_key="my-key")
    assert "Продолжить квиз" in page(client, "/chapters/nets/")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"verdict": Verdict.ACCEPTED, "score": 1.0, "state": State.DONE}, "решено"),
        ({"verdict": Verdict.PARTIAL, "score": 0.4, "state": State.DONE}, "40 %"),
        (
            {"verdict": Verdict.TIME_LIMIT, "score": 0.0, "state": State.DONE},
            "пока не решено",
        ),
        ({"state": State.QUEUED}, "проверяется"),
    ],
)
def test_an_exercise_shows_what_the_reader_did(as_bob, bob, nets, fields, shown):
    SubmissionFactory(user=bob, exercise="ex_a", **fields)
    assert f'">{shown}</span>' in page(as_bob, "/chapters/nets/")


def test_a_later_failure_does_not_unsolve(as_bob, bob, nets):
    done = {"user": bob, "exercise": "ex_a", "state": State.DONE}
    SubmissionFactory(verdict=Verdict.ACCEPTED, score=1.0, **done)
    SubmissionFactory(verdict=Verdict.WRONG_ANSWER, score=0.0, **done)
    assert "решено 1" in page(as_bob, "/")


def test_charlie_sees_nothing_of_bobs_progress(as_charlie, bob, nets):
    attempt(nets, user=bob, score=8)
    SubmissionFactory(
        user=bob, exercise="ex_a", verdict=Verdict.ACCEPTED, score=1, state=State.DONE
    )
    for path in ("/", "/chapters/nets/"):
        html = page(as_charlie, path)
        assert "80 %" not in html
        assert "решено" not in html.replace("не решено", "")


@pytest.mark.parametrize("path", ["/chapters/none/", "/chapters/<script>/"])
def test_an_unknown_chapter_is_not_found(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "Такой страницы нет" in response.content.decode()


def test_chapters_cannot_be_posted_to(client, nets):
    assert client.post("/").status_code == 405
    assert client.post("/chapters/nets/").status_code == 405


def test_html_in_a_chapters_texts_stays_text(client, nets):
    attack = "<script>alert(1)</script>"
    nets.title = nets.summary = attack
    nets.save()
    nets.sections.update(title=attack)
    for path in ("/", "/chapters/nets/"):
        assert attack not in client.get(path).content.decode()


def test_neighbours_are_linked(client, nets):
    ChapterFactory(slug="before", order=0, title="До")
    ChapterFactory(slug="after", order=2, title="После")
    html = page(client, "/chapters/nets/")
    assert 'href="/chapters/before/" rel="prev"' in html
    assert 'href="/chapters/after/" rel="next"' in html


def queries(client, path, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(100) as captured:
        client.get(path)
    return len(captured)


@pytest.mark.parametrize("path", ["/", "/chapters/nets/"])
def test_a_longer_book_and_history_cost_no_more_queries(
    as_bob, bob, nets, path, django_assert_max_num_queries
):
    attempt(nets, user=bob, score=8)
    SubmissionFactory(user=bob, exercise="ex_a")
    few = queries(as_bob, path, django_assert_max_num_queries)
    for order in range(10, 20):
        chapter = ChapterFactory(order=order)
        SectionFactory(chapter=chapter)
        Quiz.objects.create(chapter=chapter, title="К")
        attempt(chapter, user=bob, score=order - 9)
        SubmissionFactory(user=bob, exercise=f"ex_{order}")
    SectionFactory(chapter=nets, number=2)
    assert queries(as_bob, path, django_assert_max_num_queries) == few
    assert few <= 8
