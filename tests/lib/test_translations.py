"""The English catalogue is whole, and its strings keep what their originals contain."""

from __future__ import annotations

import re

import polib
import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import trans_real

CATALOGUE = settings.LOCALE_PATHS[0] / "en" / "LC_MESSAGES" / "django.po"
FILLED_IN = re.compile(r"%\(\w+\)[a-z]|%%?[a-z]\b")
MARKUP = re.compile(r"</?[a-z]+")


@pytest.fixture(scope="module")
def entries() -> list[polib.POEntry]:
    return [
        entry
        for entry in polib.pofile(CATALOGUE, check_for_duplicates=True)
        if not entry.obsolete
    ]


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def test_every_string_is_translated(entries):
    assert len(entries) > 400
    assert not [e.msgid for e in entries if not all(translations(e)) or e.fuzzy]


@pytest.mark.parametrize("pattern", [FILLED_IN, MARKUP])
def test_what_is_filled_in_and_marked_up_stays(entries, pattern):
    for entry in entries:
        for text in translations(entry):
            assert sorted(pattern.findall(text)) == sorted(pattern.findall(entry.msgid))


def test_no_russian_is_left_in_english(entries):
    left = [t for e in entries for t in translations(e) if re.search("[а-яё]", t, re.I)]
    assert left == []


def test_an_english_page_speaks_english(tmp_path, monkeypatch, settings):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    polib.pofile(CATALOGUE).save_as_mofile(str(folder / "django.mo"))
    settings.LOCALE_PATHS = [tmp_path]
    monkeypatch.setattr(trans_real, "_translations", {})  # read them anew
    template = Template(
        "{% load i18n %}{% translate 'Содержание' %}: 3 "
        "{{ 3|plural:_('вопрос,вопроса,вопросов') }}"
    )
    with translation.override("en"):
        assert template.render(Context()) == "Contents: 3 questions"
    assert template.render(Context()) == "Содержание: 3 вопроса"
