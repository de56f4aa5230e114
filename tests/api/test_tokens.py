"""Personal tokens: shown once, kept as a hash, good for what they say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quizsite.api.models import ApiToken
from quizsite.api.services import MAX_TOKENS, hash_token, issue_token
from tests.api.conftest import Api, assert_problem

URL = reverse("api:tokens")
GOOD = {"name": "ноутбук", "scopes": ["read"], "days": "90"}


def key_on(text: str) -> str:
    return re.search(r"dlq_[\w-]{43}", text)[0]


def test_a_token_is_shown_once_and_opens_the_api(as_bob, bob):
    key = key_on(as_bob.post(URL, GOOD).text)
    assert key not in as_bob.get(URL).text
    api = Api()
    api.headers = {"Authorization": f"Bearer {key}"}
    assert api.get("grades/").status == 200


def test_only_the_hash_is_kept(as_bob):
    key = key_on(as_bob.post(URL, GOOD).text)
    row = ApiToken.objects.values().get()
    assert row["token_hash"] == hash_token(key.encode())
    assert key not in str(row)
    assert key.startswith(row["prefix"])


def test_the_page_with_a_key_is_not_cached(as_bob):
    assert "no-store" in as_bob.post(URL, GOOD)["Cache-Control"]


def test_a_token_lasts_as_long_as_was_chosen(as_bob):
    as_bob.post(URL, GOOD)
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["admin"]},
        {"days": "100000"},
        {"days": ""},
    ],
)
def test_a_wrong_form_makes_no_token(as_bob, wrong):
    response = as_bob.post(URL, GOOD | wrong)
    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_there_is_an_end_to_tokens(as_bob, bob):
    for _ in range(MAX_TOKENS):
        issue_token(user=bob, name="т", scopes=["read"], days=1)
    assert "уже слишком много" in as_bob.post(URL, GOOD).text
    assert ApiToken.objects.count() == MAX_TOKENS


def test_a_revoked_token_opens_nothing(bobs, as_bob):
    token = ApiToken.objects.get()
    as_bob.post(reverse("api:revoke", args=[token.pk]))
    answer = bobs.get("grades/")
    assert_problem(answer, 401, "unauthenticated")
    assert answer.json["code"] == "invalid_token"
    assert token.prefix not in as_bob.get(URL).text


def test_nobody_revokes_or_sees_anothers_token(bobs, as_charlie):
    token = ApiToken.objects.get()
    url = reverse("api:revoke", args=[token.pk])
    assert as_charlie.post(url).status_code == 404
    assert token.prefix not in as_charlie.get(URL).text
    assert bobs.get("grades/").status == 200


def test_a_token_is_revoked_by_post_only(bobs, as_bob):
    token = ApiToken.objects.get()
    assert as_bob.get(reverse("api:revoke", args=[token.pk])).status_code == 405


def test_an_expired_token_opens_nothing(bobs):
    ApiToken.objects.update(expires_at=timezone.now())
    assert_problem(bobs.get("grades/"), 401, "unauthenticated")


def test_the_token_of_someone_shut_out_opens_nothing(bobs, bob):
    bob.is_active = False
    bob.save()
    assert_problem(bobs.get("grades/"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer dlq_x", "Bearer a b", "bearer \xe5"]
)
def test_a_made_up_token_opens_nothing(guest, header):
    answer = guest.get("chapters/", headers={"Authorization": header})
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_use_is_noted_at_most_once_a_minute(bobs, django_assert_num_queries):
    bobs.get("chapters/")
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    bobs.get("chapters/")
    assert ApiToken.objects.get().last_used_at == noted
    ApiToken.objects.update(last_used_at=noted - timedelta(seconds=61))
    bobs.get("chapters/")
    assert ApiToken.objects.get().last_used_at > noted


@pytest.mark.parametrize(
    ("scopes", "method", "path", "allowed"),
    [
        (["read"], "get", "grades/", True),
        (["attempts"], "get", "grades/", False),
        (["read"], "post", "attempts/", False),
        (["attempts"], "post", "attempts/", True),
        (["read"], "post", "submissions/", False),
        (["attempts"], "post", "submissions/", False),
        (["submissions"], "post", "submissions/", True),
        (["submissions"], "get", "submissions/", False),
    ],
)
def test_a_token_does_only_what_it_was_made_for(bob, scopes, method, path, allowed):
    answer = Api(bob, scopes)(method, path, {})
    if allowed:
        assert answer.status in (200, 422)  # let in; the empty body is another matter
    else:
        assert_problem(answer, 403, "forbidden")
        assert answer.json["code"] == "insufficient_scope"


def test_any_token_reads_what_everybody_reads(bob, quiz):
    assert Api(bob, ["attempts"]).get("chapters/").status == 200


def test_a_token_signs_nobody_in_to_the_pages(bobs):
    assert bobs.get(URL).status == 302


def test_a_session_works_and_needs_the_csrf_token(bob, quiz):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.get("/api/v1/grades/").status_code == 200
    answer = client.post(
        "/api/v1/attempts/", {"chapter": "transformer"}, "application/json"
    )
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_a_guest_is_asked_to_sign_in(client, db):
    assert client.get(URL).status_code == 302


def test_a_hostile_name_is_text(as_bob):
    text = as_bob.post(URL, GOOD | {"name": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
