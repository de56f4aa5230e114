from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

from quizsite.lib.plural import plural, plural_here

BALLS = ("балл", "балла", "баллов")


FORMS = {
    0: [1, 21, 101, 121, 1001, -1],
    1: [2, 3, 4, 22, -3],
    2: [0, 5, 10, 11, 12, 14, 19, 20, 25, 100, 111, 112, 1011],
}
CASES = [(number, form) for form, numbers in FORMS.items() for number in numbers]


@pytest.mark.parametrize(("number", "form"), CASES)
def test_a_number_takes_its_form(number, form):
    assert plural(number, *BALLS) == BALLS[form]


def test_spaces_between_the_forms_do_not_matter():
    assert plural_here(2, "балл, балла, баллов") == "балла"


def test_a_translation_with_two_forms_follows_english_rules():
    with translation.override("en"):
        assert plural_here(1, "point,points") == "point"
        assert [plural_here(n, "point,points") for n in (0, 2, 21)] == ["points"] * 3


def test_too_few_forms_are_no_accident_on_the_page():
    assert plural_here(5, "шт.") == "шт."


def test_templates_have_the_filter_without_loading_it():
    template = Template('{{ n }} {{ n|plural:_("балл,балла,баллов") }}')
    assert template.render(Context({"n": 3})) == "3 балла"


def test_a_share_is_shown_as_a_percentage_with_a_no_break_space():
    template = Template("{{ share|percent }}|{{ none|percent }}")
    shown = template.render(Context({"share": 0.854, "none": None}))
    assert shown == "85\u00a0%|"
