"""The API describes itself, fully and without guesses."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse

from quizsite.api.reference import operations, schema
from tests.api.conftest import assert_problem


def test_the_schema_is_valid_and_made_without_warnings(tmp_path):
    call_command(
        "spectacular",
        fail_on_warn=True,
        validate=True,
        file=str(tmp_path / "schema.yml"),
    )


def test_the_document_is_openapi_3_1(guest):
    answer = guest.get("openapi.json")
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json == schema()


def test_every_operation_has_a_summary_and_tells_of_problems():
    for path in schema()["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            problem = operation["responses"]["default"]["content"]
            assert "application/problem+json" in problem


def test_reading_the_book_needs_no_account():
    free = {one.path for one in operations() if not one.needs_account}
    assert free == {
        "/api/v1/chapters/",
        "/api/v1/chapters/{slug}/",
        "/api/v1/exercises/",
        "/api/v1/exercises/{slug}/",
        "/api/v1/exercises/{slug}/check-format/",
        "/api/v1/exercises/{slug}/examples/",
    }


@pytest.mark.parametrize(("component", "path"), [("Asked", 0), ("AttemptDetail", None)])
def test_what_is_described_is_what_is_sent(bobs, quiz, component, path):
    described = schema()["components"]["schemas"][component]
    attempt = bobs.post("attempts/", {"chapter": "transformer"}).json
    sent = attempt if path is None else attempt["questions"][path]
    assert set(described["required"]) <= set(sent) <= set(described["properties"])


def test_the_page_for_people_lists_every_operation(client, db):
    text = client.get(reverse("api:docs")).text
    for one in operations():
        assert one.path in text
    assert "style=" not in text


def test_every_kind_of_error_has_its_place_on_the_page(client, guest):
    slug = guest.get("grades/").json["type"].rpartition("#")[2]
    assert f'id="{slug}"' in client.get(reverse("api:docs")).text


def test_the_root_leads_to_the_page(client, db):
    assert client.get("/api/v1/").url == reverse("api:docs")


def test_the_document_is_only_read(guest):
    assert guest.post("openapi.json").status == 405
    assert_problem(guest.get("openapi.yaml"), 404, "not-found")
