"""The one-time link that makes the first administrator."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from quizsite.accounts import services
from quizsite.accounts.models import SetupLink, User
from quizsite.courses.models import Course

pytestmark = pytest.mark.django_db

SITE = "https://quiz.example"
FORM = {
    "username": "head",
    "password1": "a long phrase 17",
    "password2": "a long phrase 17",
}


def fresh_path() -> str:
    link = services.setup_link(site_url=SITE)
    assert link is not None
    assert link.startswith(f"{SITE}/setup/")
    return link.removeprefix(SITE)


def token_of(path: str) -> str:
    return path.split("/")[2]


def test_only_the_hash_of_the_token_is_kept():
    token = token_of(fresh_path())
    stored = SetupLink.objects.get().token_hash
    assert len(stored) == 64
    assert token not in stored


def test_the_link_makes_an_administrator_who_is_signed_in(client):
    path = fresh_path()
    assert "Создать администратора" in client.get(path).content.decode()
    response = client.post(path, FORM)
    assert response.status_code == 302
    head = User.objects.get()
    assert (head.username, head.is_superuser, head.is_staff) == ("head", True, True)
    assert head.check_password(FORM["password1"])
    assert client.get("/profile/").status_code == 200
    assert not Course.objects.exists()


def test_the_demo_course_is_loaded_if_asked(client):
    call_command("load_book", verbosity=0)
    response = client.post(fresh_path(), FORM | {"demo_course": "on"})
    course = Course.objects.get()
    assert response.url == course.get_absolute_url()
    assert client.get(response.url).status_code == 200


def test_a_broken_demo_course_does_not_cost_the_administrator(
    client, settings, tmp_path
):
    settings.COURSES_DIR = tmp_path
    response = client.post(fresh_path(), FORM | {"demo_course": "on"}, follow=True)
    assert "Учебный курс не загрузился" in response.content.decode()
    assert User.objects.get().is_superuser


def test_the_link_dies_after_use(client):
    path = fresh_path()
    client.post(path, FORM)
    client.logout()
    assert client.get(path).status_code == 404
    assert client.post(path, FORM | {"username": "second"}).status_code == 404
    assert User.objects.count() == 1


def test_a_wrong_token_is_not_found(client):
    fresh_path()
    assert client.get("/setup/wrong/").status_code == 404
    assert client.post("/setup/wrong/", FORM).status_code == 404


def test_a_newer_link_replaces_the_older(client):
    old, new = fresh_path(), fresh_path()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_no_link_once_there_is_an_administrator(client):
    path = fresh_path()
    User.objects.create_superuser("root", password="x")
    assert services.setup_link() is None
    assert client.get(path).status_code == 404
    assert client.post(path, FORM).status_code == 404


def test_of_two_requests_at_once_one_wins():
    token = token_of(fresh_path())
    services.create_administrator(token=token, username="a", password="p")
    with pytest.raises(services.LinkUsed):
        services.create_administrator(token=token, username="b", password="p")
    assert User.objects.get().username == "a"


def test_the_slower_of_two_requests_is_told_nothing(client, monkeypatch):
    path = fresh_path()
    SetupLink.objects.all().delete()  # between the check and the claim
    monkeypatch.setattr(services, "is_open", lambda **_: True)
    assert client.post(path, FORM).status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"password2": "another one 17"},
        {"password1": "12345", "password2": "12345"},
        {"username": ""},
        {"username": "<b>"},
    ],
)
def test_a_refused_form_leaves_the_link_alive(client, fields):
    path = fresh_path()
    assert client.post(path, FORM | fields).status_code == 422
    assert not User.objects.exists()
    assert client.post(path, FORM).status_code == 302


def test_the_page_is_not_kept_by_caches(client):
    assert "no-store" in client.get(fresh_path())["Cache-Control"]


def test_the_command_prints_the_link():
    out = StringIO()
    call_command("setup_link", site_url="https://quiz.example", stdout=out)
    assert out.getvalue().startswith("https://quiz.example/setup/")


def test_the_command_refuses_when_there_is_an_administrator():
    User.objects.create_superuser("root", password="x")
    with pytest.raises(CommandError):
        call_command("setup_link")
