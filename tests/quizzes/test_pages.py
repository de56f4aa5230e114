from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quizsite.accounts.access import GUEST_KEY
from quizsite.quizzes.forms import stored_fingerprint
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.services import (
    finish_attempt,
    load_quizzes,
    responses_of,
    save_answer,
    start_attempt,
)
from tests.quizzes.conftest import EVERY, answer_all, answers, text, url, write_quiz

pytestmark = pytest.mark.django_db

START = "/chapters/trial/quiz/"


def form(attempt: Attempt, **changes: object) -> dict[str, object]:
    """What the page's form sends: everything as it is, but for the changes."""
    data: dict[str, object] = {}
    for response in responses_of(attempt):
        name, raw = f"q{response.position}", response.answer
        data[f"{name}-was"] = stored_fingerprint(response)
        if isinstance(raw, dict):
            data |= {f"{name}-{field}": value for field, value in raw.items()}
        elif raw is not None:
            data[name] = raw
    return {**data, **changes}


# --- the start ------------------------------------------------------------


def test_the_start_page_says_what_awaits(quiz, client):
    page = text(client.get(START))
    assert "Пробный квиз" in page
    assert "8\u00a0вопросов" in page
    assert "Регистрация не\u00a0нужна" in page


def test_an_unknown_chapter_has_no_quiz(quiz, client):
    assert client.get("/chapters/nowhere/quiz/").status_code == 404


def test_a_guest_can_start_without_an_account(quiz, client):
    reply = client.post(START)
    attempt = Attempt.objects.get()
    assert reply.url == url("attempt", attempt)
    assert attempt.user is None
    assert client.session[GUEST_KEY] == attempt.guest_key
    assert client.get(reply.url).status_code == 200


def test_starting_twice_goes_on_with_the_same_attempt(quiz, as_bob):
    assert as_bob.post(START).url == as_bob.post(START).url
    assert "Продолжить" in text(as_bob.get(START))


def test_own_earlier_attempts_are_listed_with_their_results(
    finished, as_bob, as_charlie
):
    assert "8 из 8" in text(as_bob.get(START))
    assert "8 из 8" not in text(as_charlie.get(START))


def test_a_quiz_without_questions_cannot_be_started(quiz, as_bob):
    quiz.questions.update(retired=True)
    assert "пока нет" in text(as_bob.post(START))
    assert not Attempt.objects.exists()


# --- the attempt ------------------------------------------------------------


def test_all_questions_are_on_one_page(attempt, as_bob):
    page = text(as_bob.get(url("attempt", attempt)))
    assert page.count("data-question=") == 8
    assert page.count("<legend><h2>") == 8
    assert "Вопрос 3" in page
    assert page.count("нет ответа") == 16  # in the navigator and at the question


def test_the_page_gives_no_key_away(attempt, as_bob):
    page = text(as_bob.get(url("attempt", attempt)))
    for secret in ("Вы спутали", "Образец ответа", "Первый факт", "Потому что", "near"):
        assert secret not in page
    assert bytes(attempt.seed).hex() not in page


def test_the_page_asks_the_database_a_constant_number_of_times(
    attempt, as_bob, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        as_bob.get(url("attempt", attempt))


def test_twice_as_many_questions_ask_it_no_more_often(
    chapters_dir, quiz, bob, charlie, as_bob, as_charlie
):
    few = start_attempt(quiz=quiz, user=bob, guest_key="")
    again = [question.replace("id: ", "id: again-", 1) for question in EVERY]
    write_quiz(chapters_dir / "01-trial", *EVERY, *again)
    load_quizzes(chapters_dir)
    many = start_attempt(quiz=quiz, user=charlie, guest_key="")
    assert many.responses.count() == 16
    counts = []
    for client, attempt in ((as_bob, few), (as_charlie, many)):
        with CaptureQueriesContext(connection) as queries:
            client.get(url("attempt", attempt))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_review_asks_the_database_a_constant_number_of_times(
    finished, as_bob, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        as_bob.get(url("result", finished))


def test_a_refused_answer_is_shown_with_its_error(attempt, as_bob):
    save_answer(response=responses_of(attempt)[0], raw='1x"><b>')
    page = as_bob.get(url("attempt", attempt)).content.decode()
    assert "1x&quot;&gt;&lt;b&gt;" in page
    assert "Неожиданный символ «&quot;»" in page
    assert 'aria-invalid="true"' in page


def test_the_form_saves_without_javascript(attempt, as_bob):
    reply = as_bob.post(url("attempt", attempt), form(attempt, q1="0,5", q3=["1", "2"]))
    assert reply.status_code == 302
    assert answers(attempt)[0] == "0,5"
    assert answers(attempt)[2] == ["1", "2"]
    page = text(as_bob.get(reply.url))
    assert "Понято как 0,5" in page
    assert "Сохранено в " in page


def test_what_a_stale_page_did_not_touch_stays(attempt, as_bob):
    stale = form(attempt, q1="1")
    save_answer(response=responses_of(attempt)[1], raw="2")  # in another tab
    as_bob.post(url("attempt", attempt), stale)
    assert answers(attempt)[:2] == ["1", "2"]


def test_finishing_with_open_questions_is_asked_about(attempt, as_bob):
    reply = as_bob.post(url("attempt", attempt), form(attempt, q1="1x", finish="1"))
    assert reply.url == url("finish", attempt)
    page = text(as_bob.get(reply.url))
    assert "Вопрос 1</a> — не разобрать" in page
    assert "Вопрос 2</a> — нет ответа" in page
    assert not Attempt.objects.get().is_finished


def test_finishing_with_every_question_answered_is_not(attempt, as_bob):
    answer_all(attempt)
    essay = form(attempt, finish="1", q8="Ответ")
    assert as_bob.post(url("attempt", attempt), essay).url == url("result", attempt)
    assert Attempt.objects.get().share == 1


def test_a_million_characters_are_refused_and_the_rest_is_saved(attempt, as_bob):
    save_answer(response=responses_of(attempt)[7], raw="Прежний ответ")
    essay = "я" * 1_000_000
    reply = as_bob.post(url("attempt", attempt), form(attempt, q1="5", q8=essay))
    assert reply.status_code == 422
    page = text(reply)
    assert "Ответ слишком длинный: 1000000 знаков" in page
    assert essay in page  # what was typed is still there to be cut
    assert answers(attempt)[0] == "5"
    assert answers(attempt)[7] == "Прежний ответ"


def test_an_old_page_sent_after_finishing_changes_nothing(attempt, as_bob):
    old = form(attempt, q1="777")
    finish_attempt(attempt=attempt)
    before = list(Response.objects.values())
    reply = as_bob.post(url("attempt", attempt), old)
    assert reply.url == url("result", attempt)
    assert list(Response.objects.values()) == before


# --- autosave ------------------------------------------------------------


def test_a_saved_answer_is_echoed(attempt, as_bob):
    reply = as_bob.post(url("answer", attempt, 1), {"q1": "0.5"})
    said = reply.json()
    assert (said["state"], said["echo"]) == ("answered", {"": "0,5"})
    assert said["label"] == "есть ответ"
    assert said["saved_at"]
    assert answers(attempt)[0] == "0.5"


def test_a_format_error_is_told_at_once(attempt, as_bob):
    said = as_bob.post(url("answer", attempt, 1), {"q1": "9**9**9"}).json()
    assert said["state"] == "malformed"
    assert "показатель степени" in said["errors"][""]


def test_the_answer_says_what_the_page_now_holds(attempt, as_bob):
    said = as_bob.post(url("answer", attempt, 1), {"q1": "7"}).json()
    assert said["was"] == stored_fingerprint(responses_of(attempt)[0])


def test_an_unchecked_box_is_saved_as_such(attempt, as_bob):
    as_bob.post(url("answer", attempt, 3), {"q3": ["1"]})
    as_bob.post(url("answer", attempt, 3), {})
    assert answers(attempt)[2] is None


@pytest.mark.parametrize("position", [0, 9, 10**30])
def test_a_question_that_is_not_in_the_attempt(attempt, as_bob, position):
    reply = as_bob.post(url("answer", attempt, position), {f"q{position}": "1"})
    assert reply.status_code == 404


def test_too_long_an_answer_is_refused_by_itself(attempt, as_bob):
    reply = as_bob.post(url("answer", attempt, 8), {"q8": "я" * 1_000_000})
    assert reply.status_code == 422
    assert "слишком длинный" in reply.json()["error"]
    assert answers(attempt)[7] is None


def test_an_answer_after_finishing_leads_to_the_review(finished, as_bob):
    reply = as_bob.post(url("answer", finished, 1), {"q1": "1"})
    assert reply.status_code == 409
    assert reply.json()["finished"] == url("result", finished)


def test_saving_an_answer_asks_the_database_little(
    attempt, as_bob, django_assert_max_num_queries
):
    # session, user, attempt, response; then savepoint, lock, update, revision, release
    with django_assert_max_num_queries(9):
        as_bob.post(url("answer", attempt, 1), {"q1": "1"})
