"""Signing in and up, the profile, the languages."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.cache import cache

from quizsite.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
PUBLIC = ["login", "signup", "password/reset", "password/reset/done"]
OWN = ["password/change", "email", "logout"]


@pytest.fixture(autouse=True)
def _fresh_rate_limits():
    cache.clear()


@pytest.mark.parametrize("page", PUBLIC)
def test_a_guest_gets_the_page_in_the_sites_frame(client, page):
    html = client.get(f"/accounts/{page}/").content.decode()
    assert 'class="site-header"' in html
    assert '<html lang="ru">' in html


@pytest.mark.parametrize("page", OWN)
def test_a_reader_gets_their_pages(as_bob, page):
    response = as_bob.get(f"/accounts/{page}/")
    assert response.status_code == 200
    assert 'href="/profile/"' in response.content.decode()


def test_signing_up_signs_in(client):
    data = {"username": "vera", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", data).url == "/"
    assert "vera" in client.get("/").content.decode()


def test_a_weak_password_is_refused_in_russian(client):
    data = {"username": "vera", "password1": "12345678", "password2": "12345678"}
    html = client.post("/accounts/signup/", data).content.decode()
    assert "аспростран" in html
    assert 'aria-invalid="true"' in html
    assert not User.objects.exists()


def test_signing_in_works_by_name(client, bob):
    data = {"login": "bob", "password": PASSWORD}
    assert client.post("/accounts/login/", data).status_code == 302
    assert "Боб" in client.get("/").content.decode()


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(client, bob):
    told = set()
    for login in ("bob", "nobody"):
        response = client.post("/accounts/login/", {"login": login, "password": "x"})
        told.add(str(response.context["form"].errors["__all__"]))
        assert '<div class="notice bad" role="alert">' in response.content.decode()
    assert len(told) == 1


def test_guessing_passwords_is_slowed_down(client, bob):
    data = {"login": "bob", "password": "wrong"}
    for _ in range(12):
        client.post("/accounts/login/", data)
    response = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert response.status_code != 302


def test_after_signing_in_nobody_is_sent_to_another_site(client, bob):
    data = {"login": "bob", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", data).url == "/"


def test_signing_out_needs_a_post(as_bob):
    as_bob.get("/accounts/logout/")
    assert as_bob.get("/profile/").status_code == 200
    as_bob.post("/accounts/logout/")
    assert as_bob.get("/profile/").status_code == 302


def test_a_forgotten_password_is_reset_by_mail(client):
    user = User.objects.create_user("vera", "vera@example.org", PASSWORD)
    client.post("/accounts/password/reset/", {"email": user.email})
    (letter,) = mail.outbox
    (link,) = [word for word in letter.body.split() if "/password/reset/key/" in word]
    response = client.get(link.removeprefix("http://testserver"), follow=True)
    new = {"password1": "new long phrase 9", "password2": "new long phrase 9"}
    client.post(response.request["PATH_INFO"], new)
    user.refresh_from_db()
    assert user.check_password("new long phrase 9")


def test_a_dead_reset_link_offers_a_new_one(client):
    html = client.get("/accounts/password/reset/key/1-bad/").content.decode()
    assert "Ссылка больше не действует" in html
    assert 'href="/accounts/password/reset/"' in html


def test_a_reset_for_an_unknown_address_looks_the_same(client):
    response = client.post("/accounts/password/reset/", {"email": "no@example.org"})
    assert response.url == "/accounts/password/reset/done/"


def test_the_profile_is_for_the_signed_in(client):
    assert client.get("/profile/").url == "/accounts/login/?next=/profile/"


def test_the_profile_changes_the_shown_name(as_bob, bob):
    response = as_bob.post("/profile/", {"display_name": "  Борис   Борисов "})
    assert response.status_code == 302
    bob.refresh_from_db()
    assert bob.display_name == "Борис Борисов"
    assert "Сохранено." in as_bob.get("/profile/").content.decode()


def test_a_refused_profile_keeps_the_name(as_bob, bob):
    response = as_bob.post("/profile/", {"display_name": "Б" * 151})
    assert response.status_code == 422
    assert "<h1>Боб</h1>" in response.content.decode()
    bob.refresh_from_db()
    assert bob.display_name == "Боб"


def test_nobody_makes_themselves_staff_by_the_profile(as_bob, bob):
    data = {"display_name": "Боб", "is_staff": "on", "is_superuser": "on"}
    as_bob.post("/profile/", data)
    bob.refresh_from_db()
    assert not (bob.is_staff or bob.is_superuser)


def test_charlie_sees_only_himself(as_charlie, bob):
    html = as_charlie.get("/profile/").content.decode()
    assert "Чарли" in html
    assert "Боб" not in html


def test_html_in_a_name_stays_text(as_bob, bob):
    as_bob.post("/profile/", {"display_name": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in as_bob.get("/").content.decode()


def test_the_language_changes_and_comes_back(client):
    response = client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert response.url == "/accounts/login/"
    assert '<html lang="en">' in client.get("/").content.decode()
    client.post("/language/", {"language": "ru"})
    assert '<html lang="ru">' in client.get("/").content.decode()


def test_an_english_browser_still_gets_the_russian_site(client):
    html = client.get("/", headers={"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="ru">' in html.content.decode()


@pytest.mark.parametrize("language", ["xx", "", "en; path=/", "<script>"])
def test_an_unknown_language_is_russian(client, language):
    client.cookies["django_language"] = language
    assert '<html lang="ru">' in client.get("/").content.decode()


def test_the_language_switch_sends_nobody_elsewhere(client):
    data = {"language": "en", "next": "https://evil.example/"}
    assert client.post("/language/", data).url == "/"
