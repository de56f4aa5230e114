"""The error pages are kind, and need neither session nor database."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views import defaults
from django.views.csrf import csrf_failure

ALL = {
    "400.html": "Непонятный запрос",
    "403.html": "Сюда нельзя",
    "403_csrf.html": "Форма устарела",
    "404.html": "Такой страницы нет",
    "429.html": "Слишком часто",
    "500.html": "Что-то сломалось у нас",
}


@pytest.mark.parametrize("name", ALL)
def test_an_error_page_renders_from_nothing(name):
    html = render_to_string(name)
    assert f"<h1>{ALL[name]}</h1>" in html
    assert 'href="/"' in html


def test_a_broken_database_still_gets_its_error_page():
    # No django_db mark here: any query would raise.
    request = RequestFactory().get("/anything/")
    assert defaults.server_error(request).status_code == 500
    assert defaults.page_not_found(request, Exception()).status_code == 404
    assert defaults.permission_denied(request, Exception()).status_code == 403
    assert defaults.bad_request(request, Exception()).status_code == 400
    assert csrf_failure(request).status_code == 403


@pytest.mark.django_db
def test_an_unknown_address_gets_the_page(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Такой страницы нет" in response.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_gets_the_page():
    response = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert response.status_code == 403
    assert "Форма устарела" in response.content.decode()


@pytest.mark.django_db
def test_every_page_carries_the_strict_policy(client):
    policy = client.get("/no/such/page/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
