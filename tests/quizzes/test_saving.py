"""Two tabs, lost replies, old pages: nothing that was typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from quizsite.quizzes.services import (
    AttemptFinished,
    Outcome,
    Settled,
    finish_attempt,
    reveal_answer,
    save_answer,
    set_flag,
)
from quizsite.quizzes.services.saving import KEPT_OTHERS, KEPT_REVISIONS
from tests.quizzes.conftest import answers, response, text, url

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def attempt(started, clock) -> Attempt:
    begun = started()
    clock.forward(hours=1)
    return begun


def save(attempt: Attempt, raw: str, **how):
    return save_answer(response=response(attempt, 1), raw=raw, **how)


def history(attempt: Attempt) -> list[tuple[str, object]]:
    kept = ResponseRevision.objects.filter(response__attempt=attempt)
    return [(one.kind, one.answer) for one in kept]


def test_every_save_is_a_revision(attempt):
    assert save(attempt, "1").revision == 1
    assert save(attempt, "2", base=1).revision == 2
    assert history(attempt) == [("saved", "1"), ("saved", "2")]
    assert answers(attempt)[0] == "2"


def test_the_same_answer_again_changes_nothing(attempt):
    save(attempt, "1", base=0)
    retried = save(attempt, "1", base=0)  # the reply to the first was lost
    assert (retried.outcome, retried.revision) == (Outcome.UNCHANGED, 1)
    assert history(attempt) == [("saved", "1")]


def test_what_another_tab_saved_since_it_was_read_is_not_taken_for_the_same(attempt):
    save(attempt, "first tab")
    read_before_the_lock = response(attempt, 1)
    save(attempt, "second tab")
    saved = save_answer(response=read_before_the_lock, raw="first tab", base=1)
    assert saved.outcome == Outcome.REPLACED
    assert saved.other is not None and saved.other.answer == "second tab"
    assert answers(attempt)[0] == "first tab"


def test_what_was_typed_last_wins_and_the_other_is_kept(attempt):
    save(attempt, "first tab", base=0)
    saved = save(attempt, "second tab", base=0)
    assert saved.outcome == Outcome.REPLACED
    assert saved.other is not None and saved.other.answer == "first tab"
    assert answers(attempt)[0] == "second tab"
    assert history(attempt) == [("saved", "first tab"), ("saved", "second tab")]


def test_what_was_typed_before_the_stored_answer_is_laid_aside(attempt, clock):
    save(attempt, "typed at noon", base=0)
    clock.forward(minutes=5)
    came_late = save(attempt, "typed before noon", base=0, age=6 * MINUTE)
    assert came_late.outcome == Outcome.ASIDE
    assert came_late.other is not None and came_late.other.answer == "typed at noon"
    assert answers(attempt)[0] == "typed at noon"
    assert history(attempt) == [
        ("saved", "typed at noon"),
        ("aside", "typed before noon"),
    ]


def test_what_was_typed_after_it_wins_although_it_came_late(attempt, clock):
    save(attempt, "typed at noon", base=0)
    clock.forward(minutes=5)
    saved = save(attempt, "typed after noon", base=0, age=4 * MINUTE)
    assert saved.outcome == Outcome.REPLACED
    assert answers(attempt)[0] == "typed after noon"


def test_a_retry_of_what_was_overwritten_since_does_not_come_back(attempt, clock):
    save(attempt, "mine", base=0)  # the reply is lost
    clock.forward(minutes=1)
    save(attempt, "theirs", base=1)
    clock.forward(minutes=1)
    retried = save(attempt, "mine", base=0, age=2 * MINUTE)
    assert retried.outcome == Outcome.ASIDE
    assert answers(attempt)[0] == "theirs"
    assert history(attempt) == [("saved", "mine"), ("saved", "theirs")]


def test_the_tab_that_insists_is_stored(attempt, clock):
    save(attempt, "theirs", base=0)
    clock.forward(minutes=1)
    aside = save(attempt, "mine", base=0, age=2 * MINUTE)
    insisted = save(attempt, "mine", base=aside.revision)
    assert insisted.outcome == Outcome.STORED
    assert answers(attempt)[0] == "mine"


def test_a_save_that_races_with_another_sees_it(attempt):
    slow = response(attempt, 1)  # read before the other request wrote
    save(attempt, "quick", base=0)
    saved = save_answer(response=slow, raw="slow", base=0)
    assert saved.outcome == Outcome.REPLACED
    assert saved.other is not None and saved.other.answer == "quick"
    assert [one[1] for one in history(attempt)] == ["quick", "slow"]


def test_a_page_that_says_nothing_of_its_revision_overwrites_nothing_unseen(attempt):
    slow = response(attempt, 1)
    save(attempt, "quick")
    save_answer(response=slow, raw="slow")
    assert ("saved", "quick") in history(attempt)


def test_a_browser_cannot_have_typed_in_the_future_or_before_the_start(attempt, clock):
    save(attempt, "1", age=timedelta(days=-3))
    save(attempt, "2", age=timedelta(days=10**8))
    first, second = ResponseRevision.objects.all()
    assert first.typed_at == clock.now
    assert second.typed_at == Attempt.objects.get().started_at


def test_certainty_belongs_to_the_answer(attempt):
    save(attempt, "1", certainty=2)
    save(attempt, "1", certainty=3, base=1)
    assert response(attempt, 1).certainty == 3
    kept = ResponseRevision.objects.values_list("answer", "certainty")
    assert list(kept) == [("1", 2), ("1", 3)]


def test_the_history_is_bounded(attempt):
    for number in range(3 * KEPT_REVISIONS):
        save(attempt, str(number))
    kept = ResponseRevision.objects.count()
    assert KEPT_REVISIONS <= kept < 2 * KEPT_REVISIONS
    assert history(attempt)[-1] == ("saved", str(3 * KEPT_REVISIONS - 1))


def test_nobody_fills_the_database_with_what_is_aside(attempt, clock):
    save(attempt, "stored", base=0)
    clock.forward(minutes=5)
    for number in range(2 * KEPT_OTHERS):
        save(attempt, f"old {number}", base=0, age=30 * MINUTE)
    assert history(attempt).count(("saved", "stored")) == 1
    assert len(history(attempt)) == 1 + KEPT_OTHERS


def test_after_giving_up_nothing_is_taken(started):
    practice = started(behaviour="practice")
    reveal_answer(response=response(practice, 1))
    with pytest.raises(Settled):
        save(practice, "1")
    assert answers(practice)[0] is None


def test_a_race_with_giving_up_is_lost(started):
    practice = started(behaviour="practice")
    slow = response(practice, 1)
    reveal_answer(response=response(practice, 1))
    with pytest.raises(Settled):
        save_answer(response=slow, raw="the key that was shown")


def test_a_flag_is_kept_and_no_part_of_the_answer(attempt):
    set_flag(response=response(attempt, 1), flagged=True)
    flagged = response(attempt, 1)
    assert flagged.flagged
    assert flagged.revision == 0


def test_a_finished_attempt_takes_no_flag(attempt):
    asked = response(attempt, 1)
    finish_attempt(attempt=attempt)
    set_flag(response=asked, flagged=True)
    assert not response(attempt, 1).flagged


# --- on the pages -------------------------------------------------------------------


def post(client, attempt, **data):
    return client.post(url("answer", attempt, 1), data)


def test_the_reply_says_the_revision_and_the_next_save_builds_on_it(attempt, as_bob):
    first = post(as_bob, attempt, q1="1", **{"q1-revision": "0"}).json()
    assert (first["revision"], first["outcome"]) == (1, "stored")
    second = post(as_bob, attempt, q1="2", **{"q1-revision": "1"}).json()
    assert (second["revision"], second["other"]) == (2, "")


def test_a_tab_that_was_behind_is_shown_the_other_answer(attempt, as_bob):
    post(as_bob, attempt, q1="11", **{"q1-revision": "0"})
    said = post(as_bob, attempt, q1="22", **{"q1-revision": "0"}).json()
    assert said["outcome"] == "replaced"
    assert "11" in said["other"]
    assert url("history", attempt, 1) in said["other"]
    said = post(as_bob, attempt, q1="33", age="600000", **{"q1-revision": "0"}).json()
    assert said["outcome"] == "aside"
    assert "data-insist" in said["other"]


@pytest.mark.parametrize("nonsense", ["-1", "1e3", "²", "9" * 40, "x", ""])
def test_nonsense_beside_the_answer_is_ignored(attempt, as_bob, nonsense):
    reply = post(
        as_bob,
        attempt,
        q1="5",
        age=nonsense,
        **{"q1-revision": nonsense, "q1-certainty": nonsense},
    )
    assert reply.status_code == 200
    assert (response(attempt, 1).answer, response(attempt, 1).certainty) == ("5", None)


def test_a_flag_alone_touches_no_answer(attempt, as_bob):
    post(as_bob, attempt, q1="5")
    said = post(as_bob, attempt, only="flag", **{"q1-flag": "on"})
    assert said.json() == {"flagged": True}
    assert answers(attempt)[0] == "5"


def test_the_history_shows_every_answer_and_gives_one_back(attempt, as_bob):
    save(attempt, "11")
    save(attempt, "22")
    page = text(as_bob.get(url("history", attempt, 1)))
    assert page.count("Вернуть этот ответ") == 1
    assert "стоит сейчас" in page
    first = ResponseRevision.objects.first()
    reply = as_bob.post(url("history", attempt, 1), {"revision": first.pk})
    assert reply.url == url("attempt", attempt) + "#q1"
    assert answers(attempt)[0] == "11"


def test_only_the_questions_own_answers_come_back(attempt, as_bob):
    save_answer(response=response(attempt, 8), raw="Из другого вопроса")
    other = ResponseRevision.objects.get()
    for revision in (other.pk, "0", "x", "9" * 30):
        reply = as_bob.post(url("history", attempt, 1), {"revision": revision})
        assert reply.status_code == 404
    assert answers(attempt)[0] is None


def test_after_the_end_no_answer_comes_back(attempt, as_bob):
    save(attempt, "11")
    save(attempt, "22")
    finish_attempt(attempt=attempt)
    assert "Вернуть" not in text(as_bob.get(url("history", attempt, 1)))
    first = ResponseRevision.objects.first()
    as_bob.post(url("history", attempt, 1), {"revision": first.pk})
    assert answers(attempt)[0] == "22"


def test_a_form_that_was_behind_says_what_it_replaced(attempt, as_bob):
    save(attempt, "typed elsewhere")
    old = {"q1-was": "an older page's", "q1-revision": "0", "q1": "7", "save": "1"}
    page = text(as_bob.post(url("attempt", attempt), old, follow=True))
    assert "Вопрос 1: в другой вкладке был сохранён другой ответ" in page
    assert answers(attempt)[0] == "7"
    assert ("saved", "typed elsewhere") in history(attempt)


def test_a_form_with_one_question_leaves_the_others_alone(attempt, as_bob):
    save_answer(response=response(attempt, 2), raw="2")
    only = {"q1-was": "", "q1-revision": "0", "q1": "7", "save": "1"}
    as_bob.post(url("attempt", attempt) + "?q=1", only)
    assert answers(attempt)[:2] == ["7", "2"]


def test_a_forged_save_for_a_finished_attempt_changes_no_row(attempt):
    asked = response(attempt, 1)
    finish_attempt(attempt=attempt)
    before = list(Response.objects.values())
    with pytest.raises(AttemptFinished):
        save_answer(response=asked, raw="1", base=0, age=2 * MINUTE)
    assert list(Response.objects.values()) == before
    assert not ResponseRevision.objects.exists()
