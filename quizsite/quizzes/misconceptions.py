"""One vocabulary of what is misunderstood, for questions and exercises alike.

Near misses, wrong options, wrong pairs and known mistakes may carry a ``tag`` out of
``fixtures/misconceptions.yaml``. The tags of a marked answer are kept with it, so one
ledger can count what a reader or a course mixes up, and name the section to reread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from exercises.spec import (
    MANIFEST,
    Exercise,
    UnknownExercise,
    all_exercises,
    load_exercise,
)
from quizsite.book.chapter_file import read_chapters
from quizsite.lib.expressions import suggestion
from quizsite.lib.sourced_yaml import Document, DocumentError, read_document

FILE = Path(__file__).parents[2] / "fixtures" / "misconceptions.yaml"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Misconception:
    """What is mixed up; where the book explains it, if one section does."""

    id: str
    title: str  # Russian, of one line
    chapter: str = ""  # slug
    section: int = 0


Vocabulary = Mapping[str, Misconception]


def vocabulary() -> Vocabulary:
    """The words in use; read again when the file changes.

    Raises:
        DocumentError: it is malformed.
    """
    return _read(FILE, FILE.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Vocabulary:
    return read_vocabulary(path)


def read_vocabulary(path: Path) -> Vocabulary:
    """``id: {title: …, chapter: …, section: …}`` for each of them.

    Raises:
        DocumentError: with line and field.
    """
    document = read_document(path)
    document.expect(dict)
    return {name: _read_one(document, name) for name in document.value}


def _read_one(document: Document, name: object) -> Misconception:
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise document.error(f"«{name}» — не строчные латинские буквы и дефисы")
    part = document.child(name)
    part.keys(required={"title"}, optional={"chapter", "section"})
    if ("chapter" in part.value) != ("section" in part.value):
        raise part.error("chapter и section пишут вместе")
    return Misconception(
        name,
        part.child("title").expect(str),
        part.get("chapter", str, ""),
        part.get("section", int, 0),
    )


def check_tags(document: Document) -> None:
    """Every ``tag`` in a question, however deep.

    Raises:
        DocumentError: the vocabulary has no such word; with the nearest one.
    """
    for tag in _tags(document):
        name = tag.expect(str)
        if name not in vocabulary():
            hint = suggestion(name, vocabulary()) or f"; список — в {FILE.name}"
            raise tag.error(f"нет заблуждения «{name}»{hint}")


def _tags(document: Document) -> Iterator[Document]:
    if isinstance(document.value, dict):
        for key in document.value:
            part = document.child(key)
            yield from [part] if key == "tag" else _tags(part)
    elif isinstance(document.value, list):
        for part in document.items():
            yield from _tags(part)


def tag_of_mistake(slug: str, mistake: str) -> str:
    """The tag of an exercise's known mistake; "" if it has none, or is gone."""
    try:
        mistakes = load_exercise(slug).mistakes
    except UnknownExercise:
        return ""
    return next((one.tag for one in mistakes if one.id == mistake), "")


def faults() -> list[DocumentError]:
    """Links of the vocabulary that lead nowhere, and tags of exercises not in it."""
    return [*_broken_links(), *unknown_tags(all_exercises())]


def _broken_links() -> Iterator[DocumentError]:
    document = read_document(FILE)
    sections = {
        (chapter.slug, section.number)
        for chapter in read_chapters(FILE.parent / "chapters")
        for section in chapter.sections
    }
    for one in vocabulary().values():
        if one.chapter and (one.chapter, one.section) not in sections:
            message = f"в книге нет раздела {one.section} главы «{one.chapter}»"
            yield document.child(one.id).error(message)


def unknown_tags(exercises: Iterable[Exercise]) -> Iterator[DocumentError]:
    """The known mistakes whose tags the vocabulary does not have."""
    for exercise in exercises:
        for mistake in exercise.mistakes:
            if mistake.tag and mistake.tag not in vocabulary():
                hint = suggestion(mistake.tag, vocabulary())
                message = f"нет заблуждения «{mistake.tag}»{hint}"
                path = exercise.folder / MANIFEST
                yield DocumentError(path, 1, f"mistakes.{mistake.id}.tag", message)
