"""One ``chapter.yaml``, read and checked; nothing here touches the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from quizsite.lib.loading import DocumentErrors
from quizsite.lib.sourced_yaml import Document, DocumentError, read_document

FILE_NAME = "chapter.yaml"
REQUIRED = {"slug", "order", "title", "summary", "sections"}
OPTIONAL = {"url", "has_questions"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_TITLE, MAX_SLUG, MAX_ORDER = 200, 50, 999


@dataclass(frozen=True, slots=True)
class SectionEntry:
    number: int
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ChapterFile:
    """What a ``chapter.yaml`` says."""

    path: Path
    slug: str
    order: int
    title: str
    summary: str
    url: str
    has_questions: bool
    sections: tuple[SectionEntry, ...]
    digest: str


def read_chapters(directory: Path) -> list[ChapterFile]:
    """Every chapter under ``directory``, in the book's order.

    Raises:
        DocumentErrors: with every fault of every file.
    """
    paths = sorted(directory.glob(f"*/{FILE_NAME}"))
    if not paths:
        nothing = f"нет ни одного файла */{FILE_NAME}"
        raise DocumentErrors([DocumentError(directory, 1, "папка", nothing)])
    chapters, errors = [], []
    for path in paths:
        try:
            chapters.append(read_chapter(path))
        except DocumentError as error:
            errors.append(error)
    errors += _repeated(chapters, lambda one: one.slug, "slug")
    errors += _repeated(chapters, lambda one: one.order, "order")
    if errors:
        raise DocumentErrors(errors)
    return sorted(chapters, key=lambda one: one.order)


def read_chapter(path: Path) -> ChapterFile:
    """One file.

    Raises:
        DocumentError: it is malformed.
    """
    document = read_document(path)
    document.keys(required=REQUIRED, optional=OPTIONAL)
    chapter = ChapterFile(
        path=path,
        slug=_slug(document.child("slug")),
        order=_number(document.child("order"), 0, MAX_ORDER),
        title=_line(document.child("title")),
        summary=document.child("summary").expect(str).strip(),
        url=_url(document),
        has_questions=document.get("has_questions", bool, False),
        sections=_sections(document.child("sections")),
        digest=sha256(path.read_bytes()).hexdigest(),
    )
    folder = f"{chapter.order:02d}-{chapter.slug}"
    if path.parent.name != folder:
        where = document.child("slug")
        raise where.error(f"папка называется «{path.parent.name}», а нужно «{folder}»")
    return chapter


def _sections(document: Document) -> tuple[SectionEntry, ...]:
    sections: list[SectionEntry] = []
    for item in document.items():
        item.keys(required={"number", "title"}, optional={"url"})
        number = item.child("number")
        section = SectionEntry(
            _number(number, 1, MAX_ORDER), _line(item.child("title")), _url(item)
        )
        if any(section.number == earlier.number for earlier in sections):
            raise number.error(f"раздел {section.number} уже был")
        sections.append(section)
    return tuple(sections)


def _slug(document: Document) -> str:
    slug: str = document.expect(str)
    if len(slug) > MAX_SLUG or not SLUG.fullmatch(slug):
        raise document.error(
            f"«{slug}»: нужны строчные латинские буквы, цифры и дефисы между ними, "
            f"не длиннее {MAX_SLUG} знаков"
        )
    return slug


def _line(document: Document) -> str:
    text: str = document.expect(str).strip()
    if not 0 < len(text) <= MAX_TITLE or "\n" in text:
        raise document.error(f"нужна одна непустая строка до {MAX_TITLE} знаков")
    return text


def _number(document: Document, least: int, most: int) -> int:
    number: int = document.expect(int)
    if not least <= number <= most:
        raise document.error(f"{number}: нужно число от {least} до {most}")
    return number


def _url(document: Document) -> str:
    url = document.get("url", (str, type(None)))
    if url is None:
        return ""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or len(url) > MAX_TITLE or re.search(r"\s", url):
        raise document.child("url").error(f"«{url}»: нужен адрес https://… или null")
    return str(url)


def _repeated(
    chapters: list[ChapterFile], key: Callable[[ChapterFile], object], field: str
) -> list[DocumentError]:
    seen: dict[object, ChapterFile] = {}
    errors = []
    for chapter in chapters:
        first = seen.setdefault(key(chapter), chapter)
        if first is not chapter:
            message = f"«{key(chapter)}» уже занято файлом {first.path}"
            errors.append(DocumentError(chapter.path, 1, field, message))
    return errors
