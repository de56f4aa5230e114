"""Questions and variants kept in the database, each made once per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.questions import QuestionSpec, Variant, read_question

Key = TypeVar("Key")
Kept = TypeVar("Kept")
_MOST_KEPT = 4000
_QUESTIONS: dict[str, QuestionSpec] = {}
_VARIANTS: dict[tuple[str, bytes, str], Variant] = {}


def stored_question(digest: str, raw: Mapping[str, Any]) -> QuestionSpec:
    """The question that was stored with this digest, read once per process."""
    return _kept(_QUESTIONS, digest, lambda: read_question(_document(raw)))


def stored_variant(
    digest: str, raw: Mapping[str, Any], seed: bytes, drawn_by: str = ""
) -> Variant:
    """Its variant for a seed, drawn once per process; see QuestionSpec.variant."""
    question = stored_question(digest, raw)
    key = digest, seed, drawn_by or digest
    return _kept(_VARIANTS, key, lambda: question.variant(seed, drawn_by))


def _kept(kept: dict[Key, Kept], key: Key, make: Callable[[], Kept]) -> Kept:
    # Not lru_cache: what is made of is no part of the key. Threads may both make it.
    found = kept.get(key)
    if found is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        found = kept[key] = make()
    return found


def _document(raw: Mapping[str, Any]) -> Document:
    text = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=10_000)
    node = yaml.compose(text, yaml.CSafeLoader)
    assert node is not None
    return Document(Path("database"), raw, node, "")
