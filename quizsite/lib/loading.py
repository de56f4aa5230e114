"""What loaders of content files tell: what they did, or everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quizsite.lib.sourced_yaml import DocumentError


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How many things of one kind were met, by what happened to them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __str__(self) -> str:
        text = f"новых {self.created}, изменённых {self.changed}, "
        text += f"прежних {self.unchanged}"
        return text + (f", удалённых {self.removed}" if self.removed else "")


class DocumentErrors(Exception):
    """Several content files are malformed; tells of every fault, not of the first."""

    def __init__(self, errors: Iterable[DocumentError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))
