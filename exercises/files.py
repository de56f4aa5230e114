"""Reading the files of an exercise's folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from exercises.fields import MalformedExercise


def text(path: Path) -> str:
    """What a file of an exercise says.

    Raises:
        MalformedExercise: it is not there, is not UTF-8, or says nothing.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MalformedExercise(path, "", "is missing; create it") from None
    except UnicodeDecodeError as error:
        raise MalformedExercise(path, "", f"is not UTF-8: {error}") from error
    if not content.strip():
        raise MalformedExercise(path, "", "is empty; write it")
    return content


def optional_text(path: Path) -> str | None:
    """The same of a file that need not be there."""
    return text(path) if path.exists() else None


def digest(folder: Path) -> str:
    """Changes exactly when a file of the folder changes, appears or vanishes."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=Path.as_posix):
        if path.is_file() and path.parent.name != "__pycache__":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()
