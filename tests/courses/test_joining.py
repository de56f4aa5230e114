"""A join code lets people into a course, and a guess does not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from quizsite.courses.guessing import WRONG_CODES
from quizsite.courses.models import Enrolment, Role
from quizsite.courses.services import UnknownCode, join_course, new_join_code

URL = reverse("courses:join")
NO_SUCH = "Курса с таким кодом нет"


def test_the_code_enrols_a_student(course, charlie, as_charlie):
    response = as_charlie.post(URL, {"code": course.join_code})
    assert response.url == course.get_absolute_url()
    assert Enrolment.objects.get(user=charlie).role == Role.STUDENT


def test_case_and_blanks_around_the_code_do_not_matter(course, as_charlie):
    code = f"  {course.join_code.lower()} "
    assert as_charlie.post(URL, {"code": code}).status_code == 302


def test_joining_twice_enrols_once(course, bob, as_bob):
    as_bob.post(URL, {"code": course.join_code})
    assert Enrolment.objects.filter(user=bob).count() == 1


def test_an_instructor_who_joins_stays_an_instructor(course, alice, as_alice):
    as_alice.post(URL, {"code": course.join_code})
    assert Enrolment.objects.get(user=alice).role == Role.INSTRUCTOR


@pytest.mark.parametrize("code", ["NOPE", "%", "' OR 1=1 --", "<script>"])
def test_an_unknown_code_is_answered_with_the_same_sentence(course, as_charlie, code):
    response = as_charlie.post(URL, {"code": code})
    assert response.status_code == 422
    assert NO_SUCH in response.text
    assert "<script>" not in response.text.split("<main")[1]


def test_a_blank_code_joins_nothing(charlie):
    with pytest.raises(UnknownCode):
        join_course(user=charlie, code="  ")


def test_after_many_wrong_codes_even_the_right_one_must_wait(course, as_charlie):
    for _ in range(WRONG_CODES):
        as_charlie.post(URL, {"code": "NOPE"})
    response = as_charlie.post(URL, {"code": course.join_code})
    assert response.status_code == 422
    assert "через час" in response.text


def test_a_link_fills_the_code_in_but_joins_nobody(course, charlie, as_charlie):
    response = as_charlie.get(URL, {"code": course.join_code})
    assert course.join_code in response.text
    assert not Enrolment.objects.filter(user=charlie).exists()


def test_a_guest_is_asked_to_sign_in(client, db):
    assert client.get(URL).url.startswith(reverse("account_login"))


def test_new_codes_differ_and_are_not_misread():
    codes = {new_join_code() for _ in range(50)}
    assert len(codes) == 50
    assert not set("".join(codes)) & set("01IO")
