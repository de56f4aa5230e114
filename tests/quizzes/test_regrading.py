"""A mended key: who would change, then who does, and that nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quizsite.accounts.models import Notice, User
from quizsite.accounts.notices import unseen
from quizsite.courses.models import GradeEvent, ItemKind
from quizsite.quizzes.models import Attempt, Question, QuestionRegrade, RegradeStage
from quizsite.quizzes.regrading import begin, cancel, commit, summary
from quizsite.quizzes.rules import BehaviourName
from quizsite.quizzes.services import (
    check_answer,
    finish_attempt,
    load_quizzes,
    responses_of,
    reveal_answer,
    save_answer,
    start_attempt,
)
from tests.factories import AssignmentFactory, UserFactory
from tests.quizzes.conftest import NUMBER, ORDERING, SINGLE, write_quiz

# The right key stands where a near miss should, and the other way round.
WRONG_KEY = NUMBER.replace("answer: a - b", "answer: b - a", 1).replace(
    "{answer: b - a", "{answer: a - b", 1
)


@pytest.fixture
def load(tmp_path: Path, chapter) -> Callable[..., Question]:
    """Load these questions; the first one is what it is about."""
    folder = tmp_path / "01-trial"
    folder.mkdir()
    (folder / "chapter.yaml").write_text("slug: trial\n", encoding="utf-8")

    def load(*questions: str) -> Question:
        write_quiz(folder, *questions)
        load_quizzes(tmp_path)
        return Question.objects.get(position=1)

    return load


def answer(question: Question, user: User | None, *, say: str, **how) -> Attempt:
    """A finished attempt; ``say`` is an expression of the variant's a and b."""
    attempt = start_attempt(quiz=question.quiz, user=user, guest_key="g", **how)
    first = responses_of(attempt)[0]
    values = {name: int(value) for name, value in first.variant.values.items()}
    raw = str(
        {"a - b": values["a"] - values["b"], "b - a": values["b"] - values["a"]}[say]
    )
    save_answer(response=first, raw=raw)
    if attempt.behaviour == BehaviourName.PRACTICE:
        first.refresh_from_db()
        check_answer(response=first)
    finish_attempt(attempt=attempt)
    return attempt


def credit(attempt: Attempt) -> float | None:
    return responses_of(attempt)[0].credit


def test_a_dry_run_tells_and_changes_nothing(load, bob, alice):
    question = load(WRONG_KEY, ORDERING)
    right, lucky = (
        answer(question, bob, say="a - b"),
        answer(question, alice, say="b - a"),
    )
    assert (credit(right), credit(lucky)) == (0, 1)
    regrade = begin(question=load(NUMBER, ORDERING))
    found = summary(regrade)
    assert (found.total, found.up, found.down, found.same) == (2, 1, 1, 0)
    assert (credit(right), credit(lucky)) == (0, 1)
    assert not Notice.objects.exists()


def test_a_commit_changes_marks_scores_grades_and_tells_both(load, bob, alice):
    question = load(WRONG_KEY, ORDERING)
    right, lucky = (
        answer(question, bob, say="a - b"),
        answer(question, alice, say="b - a"),
    )
    regrade = begin(question=load(NUMBER, ORDERING))
    assert commit(regrade=regrade) == 2
    assert (credit(right), credit(lucky)) == (1, 0)
    right.refresh_from_db()
    assert right.score == 1
    events = GradeEvent.objects.filter(attempt=right).order_by("pk")
    assert [event.share for event in events] == [0, right.share]
    assert events[1].supersedes == events[0]
    assert "стал выше" in unseen(bob)[0].text
    assert "стал ниже" in unseen(alice)[0].text
    assert commit(regrade=regrade) == 0


def test_the_review_shows_the_same_numbers_and_the_mended_key(load, bob):
    question = load(WRONG_KEY, ORDERING)
    attempt = answer(question, bob, say="a - b")
    before = responses_of(attempt)[0].variant
    commit(regrade=begin(question=load(NUMBER, ORDERING)))
    after = responses_of(attempt)[0]
    assert after.variant.values == before.values
    assert after.variant.mark(after.variant.parse(after.answer)).mark == 1
    assert responses_of(attempt)[1].variant.key  # the others draw as they did


def test_nobody_is_lowered_if_so_wished(load, bob, alice):
    question = load(WRONG_KEY, ORDERING)
    right, lucky = (
        answer(question, bob, say="a - b"),
        answer(question, alice, say="b - a"),
    )
    regrade = begin(question=load(NUMBER, ORDERING))
    assert commit(regrade=regrade, never_lower=True) == 1
    assert (credit(right), credit(lucky)) == (1, 1)
    assert unseen(alice) == []


def test_in_practice_a_try_that_was_right_is_no_longer_charged(load, bob):
    question = load(WRONG_KEY, ORDERING)
    attempt = answer(question, bob, say="a - b", behaviour=BehaviourName.PRACTICE)
    assert credit(attempt) == 0
    commit(regrade=begin(question=load(NUMBER, ORDERING)))
    assert credit(attempt) == 1


def test_who_gave_up_unchecked_earns_no_points_by_a_regrade(load, bob):
    """Nor does the question leave the sum: its key was shown."""
    question = load(WRONG_KEY, ORDERING)
    attempt = start_attempt(
        quiz=question.quiz, user=bob, guest_key="", behaviour=BehaviourName.PRACTICE
    )
    first = responses_of(attempt)[0]
    save_answer(response=first, raw="1")
    reveal_answer(response=first)
    finish_attempt(attempt=attempt)
    assert credit(attempt) == 0
    regrade = begin(question=load(NUMBER, ORDERING))
    commit(regrade=regrade)
    assert credit(attempt) == 0
    attempt.refresh_from_db()
    assert attempt.max_score == 2


def test_the_news_does_not_tell_an_exams_marks(load, bob, course):
    """Before its end nobody learns that an answer was worth less, or more."""
    question = load(WRONG_KEY, ORDERING)
    exam = AssignmentFactory(
        course=course, kind=ItemKind.QUIZ, item="trial", behaviour="exam"
    )
    attempt = answer(question, bob, say="a - b", assignment=exam)
    commit(regrade=begin(question=load(NUMBER, ORDERING)))
    assert credit(attempt) == 1
    assert unseen(bob) == []


def test_an_answer_to_reworded_options_stays_as_it_is(load, bob):
    question = load(SINGLE, ORDERING)
    attempt = start_attempt(quiz=question.quiz, user=bob, guest_key="")
    first = responses_of(attempt)[0]
    save_answer(response=first, raw=first.variant.key)
    finish_attempt(attempt=attempt)
    regrade = begin(
        question=load(SINGLE.replace("{text: Верно,", "{text: Иное,"), ORDERING)
    )
    found = summary(regrade)
    assert (found.untouched, found.up, found.down) == (1, 0, 0)
    assert commit(regrade=regrade) == 0
    assert credit(attempt) == 1


def test_a_running_attempt_keeps_its_version(load, bob):
    question = load(WRONG_KEY, ORDERING)
    running = start_attempt(quiz=question.quiz, user=bob, guest_key="")
    version = responses_of(running)[0].version_id
    commit(regrade=begin(question=load(NUMBER, ORDERING)))
    assert responses_of(running)[0].version_id == version


def test_a_guest_is_regraded_and_told_nothing(load, db):
    question = load(WRONG_KEY, ORDERING)
    attempt = answer(question, None, say="a - b")
    assert commit(regrade=begin(question=load(NUMBER, ORDERING))) == 1
    assert credit(attempt) == 1
    assert not Notice.objects.exists()


def test_asking_twice_makes_one_job_and_a_newer_version_another(load, bob):
    question = load(WRONG_KEY, ORDERING)
    answer(question, bob, say="a - b")
    mended = load(NUMBER, ORDERING)
    first = begin(question=mended)
    assert begin(question=mended) == first
    again = begin(question=load(NUMBER.replace("Вычитаем", "Считаем"), ORDERING))
    first.refresh_from_db()
    assert again != first
    assert first.stage == RegradeStage.CANCELLED


def test_what_was_cancelled_cannot_be_committed(load, bob):
    question = load(WRONG_KEY, ORDERING)
    answer(question, bob, say="a - b")
    regrade = begin(question=load(NUMBER, ORDERING))
    assert cancel(regrade=regrade)
    assert not cancel(regrade=regrade)
    assert commit(regrade=regrade) == 0


# --- pages and the command -----------------------------------------------------------


@pytest.fixture
def staff(client, db):
    client.force_login(UserFactory(username="staff", is_staff=True))
    return client


def test_a_stranger_and_an_instructor_see_nothing(load, bob, as_charlie, as_alice):
    question = load(WRONG_KEY, ORDERING)
    answer(question, bob, say="a - b")
    regrade = begin(question=load(NUMBER, ORDERING))
    address = regrade.get_absolute_url()
    for visitor in (as_charlie, as_alice):
        assert visitor.get("/question-regrades/").status_code == 404
        assert visitor.get(address).status_code == 404
        assert visitor.post(f"{address}commit/").status_code == 404
        assert visitor.post(f"{address}cancel/").status_code == 404
    assert QuestionRegrade.objects.get().stage == RegradeStage.READY


def test_staff_try_it_look_at_it_and_commit_it(load, bob, staff):
    question = load(WRONG_KEY, ORDERING)
    attempt = answer(question, bob, say="a - b")
    mended = load(NUMBER, ORDERING)
    reply = staff.post("/question-regrades/", {"question": mended.pk})
    page = staff.get(reply["Location"]).content.decode()
    assert "Боб" in page
    assert "Пока ничего не записано" in page
    staff.post(f"{reply['Location']}commit/", {"never_lower": "on"})
    assert credit(attempt) == 1
    assert "никому не понижая" in staff.get(reply["Location"]).content.decode()


def test_a_question_that_never_changed_is_not_offered(load, staff):
    question = load(NUMBER, ORDERING)
    reply = staff.post("/question-regrades/", {"question": question.pk})
    assert reply.status_code == 422


def test_a_reader_sees_the_news_until_they_say_so(load, bob, as_bob, as_charlie):
    question = load(WRONG_KEY, ORDERING)
    answer(question, bob, say="a - b")
    commit(regrade=begin(question=load(NUMBER, ORDERING)))
    for page in ("/", "/profile/"):
        assert "проверен заново" in as_bob.get(page).content.decode()
        assert "проверен заново" not in as_charlie.get(page).content.decode()
    as_charlie.post("/profile/notices/seen/")
    assert len(unseen(bob)) == 1
    as_bob.post("/profile/notices/seen/")
    assert unseen(bob) == []


def test_a_guest_has_no_news_to_read(client, db):
    assert client.post("/profile/notices/seen/").status_code == 302


def test_the_command_tells_and_writes(load, bob):
    question = load(WRONG_KEY, ORDERING)
    attempt = answer(question, bob, say="a - b")
    load(NUMBER, ORDERING)
    out = StringIO()
    call_command("regrade_question", "trial", "sum", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["up"] == 1
    assert credit(attempt) == 0
    call_command("regrade_question", "trial", "sum", stdout=StringIO())
    assert credit(attempt) == 1


def test_an_unknown_question_is_refused(db):
    with pytest.raises(CommandError) as caught:
        call_command("regrade_question", "trial", "none")
    assert caught.value.returncode == 2
