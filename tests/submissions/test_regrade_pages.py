"""Regrading by hand: pages for those who run the site, and the command."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from quizsite.submissions import regrading
from quizsite.submissions.models import Regrade, Stage, Submission
from tests.factories import UserFactory
from tests.submissions.regrades import grade_next, graded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sent"),
]
LIST = reverse("submissions:regrades")


@pytest.fixture
def staff(client):
    client.force_login(UserFactory(username="staff", is_staff=True))
    return client


def addresses(regrade: Regrade) -> list[tuple[str, str]]:
    args = [regrade.pk]
    return [
        ("get", LIST),
        ("post", LIST),
        ("get", reverse("submissions:regrade", args=args)),
        ("post", reverse("submissions:regrade_commit", args=args)),
        ("post", reverse("submissions:regrade_cancel", args=args)),
    ]


def test_strangers_find_nothing_and_change_nothing(client, charlie, ready):
    for method, address in addresses(ready):
        answer = getattr(client, method)(address)
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/login/")
    client.force_login(charlie)
    for method, address in addresses(ready):
        assert getattr(client, method)(address).status_code == 404
    ready.refresh_from_db()
    assert ready.stage == Stage.READY


def test_a_dry_run_is_started_from_the_page(staff, alice, sent):
    graded(alice)
    answer = staff.post(LIST, {"exercise": "tr_attention"})
    made = Regrade.objects.get()
    assert answer.url == made.get_absolute_url()
    assert len(sent.items) == 1
    page = staff.get(answer.url).content.decode()
    assert "every 2s" in page


def test_an_unknown_exercise_is_refused(staff):
    assert staff.post(LIST, {"exercise": "no_such"}).status_code == 422
    assert not Regrade.objects.exists()


def test_the_page_says_who_changes_and_how(staff, ready):
    page = staff.get(ready.get_absolute_url()).content.decode()
    assert "Алиса" in page
    assert "Боб" in page
    assert "Чарли" not in page
    assert "Пока ничего не записано" in page


def test_committing_from_the_page_may_spare_those_who_would_lose(
    staff, alice, bob, ready
):
    address = reverse("submissions:regrade_commit", args=[ready.pk])
    staff.post(address, {"never_lower": "on"})
    assert Submission.objects.get(user=alice).score == 1
    assert Submission.objects.get(user=bob).score == 1
    assert "Записано" in staff.get(ready.get_absolute_url()).content.decode()


def test_cancelling_from_the_page_leaves_all_as_it_was(staff, alice, ready):
    staff.post(reverse("submissions:regrade_cancel", args=[ready.pk]))
    ready.refresh_from_db()
    assert ready.stage == Stage.CANCELLED
    assert Submission.objects.get(user=alice).score == 0


def test_the_list_shows_each_regrade(staff, ready):
    page = staff.get(LIST).content.decode()
    assert ready.get_absolute_url() in page
    assert "ждёт решения" in page


def regrade(*arguments: str) -> dict:
    out = StringIO()
    call_command("regrade", "tr_attention", "--json", *arguments, stdout=out)
    found: dict = json.loads(out.getvalue())
    return found


def test_the_command_waits_and_writes_nothing_on_a_dry_run(
    alice, exercise, sent, monkeypatch
):
    graded(alice)
    monkeypatch.setattr("time.sleep", lambda _: grade_next(sent, exercise))
    found = regrade("--dry-run")
    assert (found["up"], found["written"]) == (1, 0)
    assert Submission.objects.get().score == 0


def test_the_command_writes_what_it_found(alice, exercise, sent, monkeypatch):
    graded(alice)
    monkeypatch.setattr("time.sleep", lambda _: grade_next(sent, exercise))
    assert regrade()["written"] == 1
    assert Submission.objects.get().score == 1


def test_the_command_gives_up_but_the_regrade_goes_on(alice):
    graded(alice)
    with pytest.raises(CommandError) as caught:
        call_command("regrade", "tr_attention", "--timeout", "0")
    assert caught.value.returncode == 3
    assert Regrade.objects.get().stage == Stage.GRADING


def test_the_command_refuses_an_unknown_exercise():
    with pytest.raises(CommandError) as caught:
        call_command("regrade", "no_such")
    assert caught.value.returncode == 2


def test_a_new_version_calls_an_open_regrade_off(ready, exercise):
    Regrade.objects.filter(pk=ready.pk).update(exercise_digest="an older one")
    fresh = regrading.begin(exercise=exercise)
    ready.refresh_from_db()
    assert ready.stage == Stage.CANCELLED
    assert fresh.pk != ready.pk
