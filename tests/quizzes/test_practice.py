"""Practice: checked at once, hints for nothing, and the same mistake paid for once."""

from __future__ import annotations

import pytest

from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from quizsite.quizzes.services import (
    AttemptFinished,
    NotCheckable,
    check_answer,
    finish_attempt,
    load_quizzes,
    responses_of,
    reveal_answer,
    save_answer,
    take_hint,
)
from quizsite.quizzes.types.base import Raw
from tests.quizzes.conftest import (
    NUMBER,
    SINGLE,
    response,
    text,
    url,
    write_quiz,
    wrong,
)

pytestmark = pytest.mark.django_db
HINTED = NUMBER + 'hints: ["Сначала знак.", "Потом $@{a}$."]\n'


@pytest.fixture
def practice(started) -> Attempt:
    return started(behaviour="practice")


def check(attempt: Attempt, position: int, raw: Raw):
    save_answer(response=response(attempt, position), raw=raw)
    return check_answer(response=response(attempt, position))


def right(attempt: Attempt, position: int) -> Raw:
    return response(attempt, position).variant.key


def test_a_right_answer_is_worth_everything_at_once(practice):
    checked = check(practice, 1, right(practice, 1))
    assert (checked.marked.mark, checked.charged) == (1, False)
    settled = response(practice, 1)
    assert (settled.mark, settled.credit, settled.wrong_tries) == (1, 1, 0)
    assert settled.revealed_at is not None


def test_a_wrong_answer_costs_a_third_of_what_follows(practice):
    checked = check(practice, 1, wrong(response(practice, 1)))
    assert checked.charged
    assert "а не наоборот" in response(practice, 1).hints[0]
    check(practice, 1, right(practice, 1))
    assert response(practice, 1).credit == pytest.approx(2 / 3)


def test_the_same_wrong_answer_is_never_charged_twice(practice):
    for spelling in ("1/2", "0,5", "0.5", "1/2", " 2/4 "):
        check(practice, 1, spelling)
    assert response(practice, 1).wrong_tries == 1


def test_pressing_the_button_twice_costs_once(practice):
    check(practice, 1, "0,5")
    assert not check_answer(response=response(practice, 1)).charged
    assert response(practice, 1).wrong_tries == 1


def test_different_wrong_answers_are_charged_each(practice):
    for number in range(5):
        check(practice, 1, f"{number},25")
    assert response(practice, 1).wrong_tries == 5
    check(practice, 1, right(practice, 1))
    assert response(practice, 1).credit == 0  # but never below


@pytest.mark.parametrize(
    ("raw", "state"), [(None, "blank"), ("9**9**9", "malformed"), ("1x", "malformed")]
)
def test_what_cannot_be_read_costs_nothing(practice, raw, state):
    save_answer(response=response(practice, 1), raw=raw)
    with pytest.raises(NotCheckable) as refused:
        check_answer(response=response(practice, 1))
    assert refused.value.state == state
    asked = response(practice, 1)
    assert (asked.wrong_tries, asked.checked_revision, asked.mark) == (0, None, None)


def test_half_an_answer_is_not_checked_and_costs_nothing(practice):
    save_answer(response=response(practice, 5), raw={"1": "1"})
    with pytest.raises(NotCheckable) as refused:
        check_answer(response=response(practice, 5))
    assert refused.value.state == "incomplete"
    assert response(practice, 5).wrong_tries == 0


def test_a_partly_right_answer_is_kept_and_may_be_bettered(practice):
    half = right(practice, 3)[:1]
    assert check(practice, 3, half).marked.mark == pytest.approx(0.5)
    assert response(practice, 3).credit == pytest.approx(0.5)
    check(practice, 3, right(practice, 3))
    assert response(practice, 3).credit == pytest.approx(2 / 3)


def test_what_was_earned_stays_when_the_answer_gets_worse(practice):
    check(practice, 3, right(practice, 3)[:1])
    check(practice, 3, wrong(response(practice, 3)))
    finish_attempt(attempt=practice)
    assert response(practice, 3).credit == pytest.approx(0.5)


def test_an_open_answer_is_shown_its_sample_and_stays_unmarked(practice):
    checked = check(practice, 8, "Мой ответ")
    assert (checked.marked.mark, checked.charged) == (None, False)
    asked = response(practice, 8)
    assert (asked.credit, asked.revealed_at is not None) == (None, True)


def test_a_check_is_written_beside_its_revision(practice):
    check(practice, 1, "0,5")
    check(practice, 1, right(practice, 1))
    kept = ResponseRevision.objects.values_list("mark", "charged")
    assert list(kept) == [(0, True), (1, False)]
    assert all(one.checked_at for one in ResponseRevision.objects.all())


# --- hints, giving up ---------------------------------------------------------------


@pytest.fixture
def hinted(chapters_dir, quiz, started) -> Attempt:
    write_quiz(chapters_dir / "01-trial", HINTED, SINGLE)
    load_quizzes(chapters_dir)
    return started(behaviour="practice")


def test_hints_come_one_by_one_and_are_free(hinted):
    taken = [take_hint(response=response(hinted, 1)) for _ in range(4)]
    assert taken == [1, 2, 2, 2]
    check(hinted, 1, right(hinted, 1))
    assert response(hinted, 1).credit == 1


def test_giving_up_shows_the_key_and_ends_the_earning(practice):
    check(practice, 3, right(practice, 3)[:1])
    reveal_answer(response=response(practice, 3))
    reveal_answer(response=response(practice, 3))
    Response.objects.filter(position=3).update(answer=right(practice, 3))
    assert not check_answer(response=response(practice, 3)).charged
    finish_attempt(attempt=practice)
    assert response(practice, 3).credit == pytest.approx(0.5)


def test_giving_up_without_an_answer_earns_nothing(practice):
    reveal_answer(response=response(practice, 1))
    finish_attempt(attempt=practice)
    asked = response(practice, 1)
    assert (asked.mark, asked.credit) == (0, 0)


def test_what_was_not_checked_is_marked_at_the_end(practice):
    check(practice, 1, wrong(response(practice, 1)))
    save_answer(response=response(practice, 1), raw=right(practice, 1))
    finish_attempt(attempt=practice)
    assert response(practice, 1).credit == pytest.approx(2 / 3)
    assert practice.score == pytest.approx(2 / 3)


def test_after_the_end_nothing_is_checked(practice):
    save_answer(response=response(practice, 1), raw="1")
    asked = response(practice, 1)
    finish_attempt(attempt=practice)
    for act in (check_answer, take_hint, reveal_answer):
        with pytest.raises(AttemptFinished):
            act(response=asked)


@pytest.mark.parametrize("behaviour", ["test", "cbm"])
def test_a_test_checks_hints_and_reveals_nothing(started, behaviour):
    attempt = started(behaviour=behaviour)
    save_answer(response=response(attempt, 1), raw=right(attempt, 1))
    for act in (check_answer, take_hint, reveal_answer):
        with pytest.raises(NotCheckable):
            act(response=response(attempt, 1))
    asked = response(attempt, 1)
    assert (asked.mark, asked.hints_taken, asked.revealed_at) == (None, 0, None)


# --- without JavaScript ---------------------------------------------------------------


def press(client, attempt, name: str, position: int, **answers: object):
    sent = {f"q{position}-was": "", name: str(position), **answers}
    return client.post(url("attempt", attempt), sent)


def test_the_form_checks_an_answer(practice, as_bob):
    raw = wrong(response(practice, 1))
    reply = press(as_bob, practice, "check", 1, q1=raw)
    assert reply.url == url("attempt", practice) + "#q1"
    page = text(as_bob.get(reply.url))
    assert "неверно" in page
    assert "а не наоборот" in page
    assert "1 неверная попытка: за верный ответ теперь дадут 0,67." in page
    assert "Вычитаем, получаем" not in page


def test_the_form_explains_a_right_answer(practice, as_bob):
    press(as_bob, practice, "check", 1, q1=right(practice, 1))
    page = text(as_bob.get(url("attempt", practice)))
    assert "Вычитаем, получаем" in page
    assert "1. Раздел 1" in page
    assert "баллы: 1 из 1" in page


def test_the_form_says_why_nothing_was_checked(practice, as_bob):
    page = text(as_bob.get(press(as_bob, practice, "check", 1, q1="").url))
    assert "Вопрос 1: Сначала ответьте." in page
    page = text(as_bob.get(press(as_bob, practice, "check", 1, q1="1x").url))
    assert "Вопрос 1: Ответ не разобрать; это ничего не стоит." in page


def test_the_form_gives_a_hint(hinted, as_bob):
    before = text(as_bob.get(url("attempt", hinted)))
    assert "Сначала знак." not in before
    press(as_bob, hinted, "hint", 1)
    page = text(as_bob.get(url("attempt", hinted)))
    assert "Сначала знак." in page
    assert "Потом" not in page


def test_the_form_gives_up(practice, as_bob):
    assert "Правильный ответ" not in text(as_bob.get(url("attempt", practice)))
    press(as_bob, practice, "reveal", 2)
    page = text(as_bob.get(url("attempt", practice)))
    assert "Ответ показан" in page
    assert "Правильный ответ" in page
    assert "ответ показан" in page  # in the navigator
    assert response(practice, 2).revealed_at is not None


def test_practice_is_taken_to_its_end_without_javascript(practice, as_bob):
    for one in responses_of(practice):
        name, key = f"q{one.position}", one.variant.key
        given = {name: key}
        if isinstance(key, dict):
            given = {f"{name}-{field}": value for field, value in key.items()}
        press(as_bob, practice, "check", one.position, **given)
    reply = as_bob.post(url("attempt", practice), {"finish": "1"})
    assert reply.url == url("result", practice)
    assert "8 из 8" in text(as_bob.get(reply.url))


def test_a_verdict_on_an_answer_that_was_changed_says_so(practice, as_bob):
    press(as_bob, practice, "check", 1, q1="0,5")
    save_answer(response=response(practice, 1), raw="0,25")
    page = text(as_bob.get(url("attempt", practice)))
    assert "это о прежнем ответе" in page
    assert page.count("есть ответ") == 2


@pytest.mark.parametrize("name", ["check", "hint", "reveal"])
def test_a_button_that_a_test_does_not_have_does_nothing(started, as_bob, name):
    attempt = started()
    page = text(as_bob.get(press(as_bob, attempt, name, 1, q1="1").url))
    assert "ответы проверяются после завершения" in page
    assert "data-practise" not in page
    assert "Потому что" not in page


@pytest.mark.parametrize("number", ["0", "99", "x", "1.0", "-1"])
def test_a_button_of_no_question_only_saves(practice, as_bob, number):
    sent = {"check": number, "q1-was": "", "q1": "7"}
    assert as_bob.post(url("attempt", practice), sent).status_code == 302
    assert response(practice, 1).answer == "7"
    assert response(practice, 1).checked_revision is None


# --- with it --------------------------------------------------------------------------


def ask(client, attempt, what: str, position: int = 1):
    return client.post(url("practise", attempt, position, what))


def test_a_check_answers_with_the_feedback(practice, as_bob):
    save_answer(response=response(practice, 1), raw=wrong(response(practice, 1)))
    said = ask(as_bob, practice, "check").json()
    assert (said["state"], said["settled"], said["refusal"]) == ("wrong", False, "")
    assert "а не наоборот" in said["html"]
    assert "Вычитаем" not in said["html"]


def test_a_refusal_is_told_and_shows_nothing(practice, as_bob):
    said = ask(as_bob, practice, "check").json()
    assert said["refusal"] == "Сначала ответьте."
    assert "Потому что" not in said["html"]


def test_giving_up_answers_with_the_key(practice, as_bob):
    said = ask(as_bob, practice, "reveal").json()
    assert (said["state"], said["settled"]) == ("revealed", True)
    assert "Вычитаем, получаем" in said["html"]


def test_hints_are_counted(hinted, as_bob):
    assert ask(as_bob, hinted, "hint").json()["hints"] == 1
    assert ask(as_bob, hinted, "hint").json()["hints"] == 0


@pytest.mark.parametrize("what", ["solve", "seed", "key"])
def test_nothing_else_can_be_asked_for(practice, as_bob, what):
    assert ask(as_bob, practice, what).status_code == 404


def test_a_question_that_is_not_there_is_not_checked(practice, as_bob):
    assert ask(as_bob, practice, "check", 99).status_code == 404


@pytest.mark.parametrize("what", ["check", "hint", "reveal"])
def test_a_test_gives_nothing_away(started, as_bob, what):
    attempt = started()
    save_answer(response=response(attempt, 1), raw=wrong(response(attempt, 1)))
    reply = ask(as_bob, attempt, what)
    assert "после завершения" in reply.json()["refusal"]
    assert "Вычитаем" not in text(reply)
    assert "наоборот" not in text(reply)


def test_checking_a_finished_practice_leads_to_its_review(practice, as_bob):
    finish_attempt(attempt=practice)
    reply = ask(as_bob, practice, "check")
    assert reply.status_code == 409
    assert reply.json()["finished"] == url("result", practice)


def test_a_matrix_without_explanations_explains_nothing(assigned, started, as_bob):
    strict = {"during": ["answer", "mark"], "later": ["answer", "mark"]}
    attempt = started(assigned(behaviour="practice", review=strict))
    save_answer(response=response(attempt, 1), raw=wrong(response(attempt, 1)))
    said = ask(as_bob, attempt, "check").json()
    assert said["state"] == "wrong"
    assert "наоборот" not in said["html"]
    said = ask(as_bob, attempt, "reveal").json()
    assert "Вычитаем" not in said["html"]
    assert "Правильный ответ" not in said["html"]


def test_a_practice_page_asks_the_database_little(
    practice, as_bob, django_assert_max_num_queries
):
    for position in range(1, 8):
        check(practice, position, right(practice, position))
    with django_assert_max_num_queries(12):
        as_bob.get(url("attempt", practice))


def test_the_verdict_on_an_order_does_not_tell_the_right_one(practice, as_bob):
    """Nor before it is given up: every place told would be the key."""
    ordering = response(practice, 6)
    right = ordering.variant.key
    given = {item: str(len(right) + 1 - int(place)) for item, place in right.items()}
    check(practice, 6, given)
    places = {
        item.label: f"у вас место {given[item.id]}"
        for item in ordering.variant.drawn.items
    }
    parts = response(practice, 6).feedback["parts"]
    assert {part["label"]: part["note"] for part in parts} == places
    assert "у вас место" in text(as_bob.get(url("attempt", practice)))
