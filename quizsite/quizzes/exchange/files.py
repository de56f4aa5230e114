"""Whole files of questions, for pages, the API and commands alike.

What is uploaded is hostile: it is bounded before it is read, and whatever breaks the
reader is told as the file's fault. A command's file is its author's own. Nothing is
loaded and nothing is written to disk: the author gets a ``quiz.yaml`` to read, mend
and put into a chapter.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from quizsite.quizzes.exchange import FORMATS, SUFFIXES, read_file
from quizsite.quizzes.exchange.incoming import to_yaml
from quizsite.quizzes.exchange.items import Loss, Unreadable
from quizsite.quizzes.exchange.outgoing import export
from quizsite.quizzes.questions import load_quiz_file
from quizsite.quizzes.soundness import quiz_files

MAX_UPLOAD = 1 << 20
MOST_QUESTIONS = 500
MOST_VARIANTS = 20  # while somebody waits; the command makes more
_QUESTION = re.compile(rb"<question\b|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Converted:
    """A file for somebody to take along, and what it could not say."""

    name: str
    content: str
    questions: int
    losses: tuple[Loss, ...]


def chapters() -> dict[str, Path]:
    """Quiz files by their chapter's slug, in the order of the book."""
    files = quiz_files(settings.CHAPTERS_DIR)
    return {name.partition("-")[2]: path for name, path in files.items()}


def exported(path: Path, *, to: str, variants: int = 1) -> Converted:
    """A chapter's questions in another system's format.

    Raises:
        DocumentError: the chapter's file itself is unsound.
    """
    quiz = load_quiz_file(path, proofs=0)
    exchange = export(quiz.questions, variants)
    content = FORMATS[to].write(exchange.items, quiz.title)
    name = f"{path.parent.name}.{SUFFIXES[to]}"
    return Converted(name, content, len(exchange.items), tuple(exchange.losses))


def imported(data: bytes, *, title: str, section: int) -> Converted:
    """An uploaded file as a ``quiz.yaml``.

    Raises:
        Unreadable: it is too large, or of neither format; says what to do.
    """
    if len(data) > MAX_UPLOAD:
        raise Unreadable(f"файл больше {MAX_UPLOAD >> 20} МБ: разделите его")
    if len(_QUESTION.findall(data)) > 2 * MOST_QUESTIONS:  # categories, spare lines
        raise _too_many()
    return brought(data, title=title, section=section, most=MOST_QUESTIONS)


def brought(
    data: bytes, *, title: str, section: int, most: float = math.inf
) -> Converted:
    """A foreign file as a ``quiz.yaml``, of at most so many questions.

    Raises:
        Unreadable: it is of neither format, or has more; says what to do.
    """
    try:
        exchange = read_file(data)
        if len(exchange.items) > most:
            raise _too_many()
        content = to_yaml(exchange, title, section)
    except RecursionError:
        raise Unreadable("слишком глубокая вложенность разметки") from None
    losses = tuple(exchange.losses)
    return Converted("quiz.yaml", content, len(exchange.items), losses)


def _too_many() -> Unreadable:
    return Unreadable(f"вопросов больше {MOST_QUESTIONS}: разделите файл")
