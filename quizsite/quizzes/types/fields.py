"""``fields:`` of a question with several boxes, or its own keys when there is one."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.texts import Template

_ID = re.compile(r"[a-z][a-z0-9_]{0,30}")


def field_documents(
    document: Document, required: set[str], keys: set[str]
) -> list[Document]:
    """The document itself, or each of its fields, checked for keys and ids."""
    if "fields" not in document.value:
        for name in sorted(required - set(document.value)):
            raise document.error(f"нет обязательного поля «{name}» (или списка fields)")
        return [document]
    for name in sorted(keys & set(document.value)):
        raise document.child(name).error("при fields это поле пишут внутри каждого")
    parts = list(document.child("fields").items())
    for part in parts:
        part.keys(required={"id", "label", *required}, optional=keys - required)
    _check_ids(document.child("fields"), parts)
    return parts


def _check_ids(document: Document, parts: list[Document]) -> None:
    if not 1 <= len(parts) <= 12:
        raise document.error("полей должно быть от 1 до 12")
    seen: set[str] = set()
    for part in parts:
        name = part.child("id").expect(str)
        if not _ID.fullmatch(name):
            raise part.child("id").error("id поля — строчные латинские буквы и цифры")
        if name in seen:
            raise part.child("id").error(f"id «{name}» повторяется")
        seen.add(name)


def read_label(label: Template | None, values: Values) -> tuple[str, SafeString]:
    """A field's label as Markdown and as HTML."""
    if label is None:
        return "", SafeString()
    return label.plain(values), label.inline(values)
