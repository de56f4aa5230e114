"""A reader with one finished test, in which one question was missed."""

from __future__ import annotations

from tests.quizzes.conftest import (  # noqa: F401 (fixtures)
    chapter,
    chapters_dir,
    quiz,
)
