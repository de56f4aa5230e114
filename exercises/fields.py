"""Typed reading of one table of an exercise.toml; every refusal names the field."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

Row = TypeVar("Row")

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class MalformedExercise(ValueError):
    """An exercise folder breaks the format: which file, which field, what to do."""

    def __init__(self, path: Path, field: str, cure: str) -> None:
        where = f"{path}: {field}" if field else f"{path}"
        super().__init__(f"{where} {cure}")
        self.path, self.field, self.cure = path, field, cure


class Fields:
    """A TOML table that remembers which of its keys were read."""

    def __init__(self, path: Path, table: dict[str, Any], prefix: str = "") -> None:
        self._path, self._table, self._prefix = path, table, prefix
        self._unread = set(table)

    def text(self, key: str, default: str | None = None) -> str:
        """A string that says something; the default, if there is one, when absent."""
        if default is not None and key not in self._table:
            return default
        value = self._get(key, str, "a string")
        if not value.strip():
            raise self._refusal(key, "is empty; write something")
        return str(value)

    def exactly(self, key: str, wanted: str) -> str:
        if self.text(key) != wanted:
            raise self._refusal(key, f"must be {wanted!r}, like the folder")
        return wanted

    def name(self, key: str) -> str:
        value = self.text(key)
        if not NAME.fullmatch(value):
            raise self._refusal(key, f"is {value!r}; use Latin letters, digits and _")
        return value

    def uuid(self, key: str) -> str:
        text = self.text(key)
        try:
            return str(uuid.UUID(text))
        except ValueError:
            cure = f"is no UUID; a fresh one: {uuid.uuid4()}"
            raise self._refusal(key, cure) from None

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        value = self.text(key)
        if value not in choices:
            cure = f"is {value!r}; choose one of {', '.join(choices)}"
            raise self._refusal(key, cure)
        return value

    def integer(
        self, key: str, *, low: int, high: int, default: int | None = None
    ) -> int:
        if default is not None and key not in self._table:
            return default
        value = self._get(key, int, "a whole number")
        if isinstance(value, bool) or not low <= value <= high:
            raise self._refusal(key, f"must be a whole number from {low} to {high}")
        return int(value)

    def number(self, key: str, *, low: float, high: float) -> float:
        value = self._get(key, (int, float), "a number")
        inside = math.isfinite(value) and low <= value <= high
        if isinstance(value, bool) or not inside:
            raise self._refusal(key, f"must be a number from {low:g} to {high:g}")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        if key not in self._table:
            return default
        return bool(self._get(key, bool, "true or false"))

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of strings; absent means empty."""
        if key not in self._table:
            return ()
        values = self._get(key, list, "a list of strings")
        if not all(isinstance(value, str) and value for value in values):
            raise self._refusal(key, "must hold strings only")
        return tuple(values)

    def names(self, key: str) -> tuple[str, ...]:
        """A non-empty list of Python names."""
        values = self.strings(key)
        if not values or not all(NAME.fullmatch(value) for value in values):
            raise self._refusal(key, "must list at least one Python name")
        return values

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table of lists of strings; absent means empty."""
        table = self.table(key, required=False)
        return {name: table.strings(name) for name in table.keys}

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._table)

    def table(self, key: str, *, required: bool = True) -> Fields:
        if key not in self._table and not required:
            return Fields(self._path, {})
        table = self._get(key, dict, f"a table: [{key}]")
        return Fields(self._path, table, f"{self._prefix}{key}.")

    def tables(self, key: str, parse: Callable[[Fields], Row]) -> tuple[Row, ...]:
        """A non-empty list of tables, each read by ``parse``."""
        rows = self._get(key, list, f"a list of tables: [[{key}]]")
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise self._refusal(key, f"must be at least one table [[{key}]]")
        return tuple(
            self._row(f"{key}[{i}].", row, parse) for i, row in enumerate(rows)
        )

    def refuse(self, key: str, cure: str) -> None:
        """Refuse this key, if it is there."""
        if key in self._table:
            raise self._refusal(key, cure)

    def refuse_unread(self) -> None:
        """A key that nobody asked for is a typing error of the author."""
        for key in sorted(self._unread):
            raise self._refusal(key, "is no field of this table; remove or rename it")

    def _row(self, at: str, row: dict[str, Any], parse: Callable[[Fields], Row]) -> Row:
        fields = Fields(self._path, row, f"{self._prefix}{at}")
        parsed = parse(fields)
        fields.refuse_unread()
        return parsed

    def _get(self, key: str, kind: type | tuple[type, ...], words: str) -> Any:
        self._unread.discard(key)
        if key not in self._table:
            raise self._refusal(key, f"is missing; it must be {words}")
        if not isinstance(self._table[key], kind):
            raise self._refusal(key, f"must be {words}")
        return self._table[key]

    def _refusal(self, key: str, cure: str) -> MalformedExercise:
        return MalformedExercise(self._path, f"{self._prefix}{key}", cure)
