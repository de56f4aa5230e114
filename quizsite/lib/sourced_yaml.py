"""YAML that remembers its lines, so that an author is told where the fault is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml


class DocumentError(Exception):
    """A content file is malformed; names file, line, field and what to do."""

    def __init__(self, path: Path, line: int, field: str, message: str) -> None:
        self.path, self.line, self.field, self.message = path, line, field, message
        super().__init__(f"{path}:{line}: {field}: {message}")


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses a key given twice."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "ключ должен быть словом", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"ключ {key!r} повторяется", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Document:
    """One part of a YAML file: its value, where it stands, how it is called."""

    path: Path
    value: Any
    node: yaml.Node
    field: str

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    def error(self, message: str) -> DocumentError:
        return DocumentError(self.path, self.line, self.field or "файл", message)

    def keys(self, *, required: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Refuse a mapping with missing or unknown keys.

        Raises:
            DocumentError: with the nearest known name as a suggestion.
        """
        if not isinstance(self.value, Mapping):
            raise self.error("ожидался словарь «ключ: значение»")
        for name in sorted(required - set(self.value)):
            raise self.error(f"нет обязательного поля «{name}»")
        for name in self.value:
            if name not in required | optional:
                raise self.child(name).error(_suggest(name, required | optional))

    def child(self, key: str | int) -> Document:
        """The part under ``key`` (of a mapping) or at an index (of a list)."""
        in_list = isinstance(self.value, list)
        joined = f"{self.field}[{key}]" if in_list else f"{self.field}.{key}"
        joined = joined.lstrip(".")
        return Document(self.path, self.value[key], self._child_node(key), joined)

    def _child_node(self, key: str | int) -> yaml.Node:
        if isinstance(self.node, yaml.SequenceNode):
            return self.node.value[int(key)]
        for key_node, value_node in self.node.value:
            if key_node.value == str(key):
                return value_node
        return self.node

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value under ``key`` if present, checked to be of ``kind``.

        Raises:
            DocumentError: it is of another type.
        """
        if key not in self.value:
            return default
        return self.child(key).expect(kind)

    def expect(self, kind: type | tuple[type, ...]) -> Any:
        """The value itself, checked to be of ``kind`` (a bool is no number)."""
        wrong_bool = isinstance(self.value, bool) and not _allows(kind, bool)
        if wrong_bool or not isinstance(self.value, kind):
            raise self.error(f"ожидалось {_kind_name(kind)}, а здесь {self.value!r}")
        return self.value

    def items(self) -> Iterator[Document]:
        """The parts of a list.

        Raises:
            DocumentError: it is no list.
        """
        self.expect(list)
        return (self.child(index) for index in range(len(self.value)))


def _allows(kind: type | tuple[type, ...], wanted: type) -> bool:
    return wanted in (kind if isinstance(kind, tuple) else (kind,))


def _kind_name(kind: type | tuple[type, ...]) -> str:
    names = {str: "текст", int: "целое число", float: "число", bool: "true или false"}
    names |= {list: "список", dict: "словарь", type(None): "null"}
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " или ".join(names.get(one, one.__name__) for one in kinds)


def _suggest(name: Any, known: set[str]) -> str:
    near = get_close_matches(str(name), sorted(known), n=1)
    tail = f"; может быть, «{near[0]}»?" if near else ""
    return f"неизвестное поле «{name}»{tail}"


def read_document(path: Path) -> Document:
    """The whole file as a :class:`Document`.

    Raises:
        DocumentError: it cannot be read, is no UTF-8 or no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(path, 1, "файл", f"не читается: {error}") from error
    try:
        node, value = _parse(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise DocumentError(path, line, "YAML", problem) from error
    except (ValueError, RecursionError) as error:  # 2026-13-45, [[[[[[[…
        raise DocumentError(path, 1, "YAML", f"не разобрать: {error}") from error
    if node is None:
        raise DocumentError(path, 1, "файл", "пустой файл")
    return Document(path, value, node, "")


def _parse(text: str) -> tuple[yaml.Node | None, Any]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, None
        _refuse_cycles(node, set(), set())
        return node, loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_cycles(node: yaml.Node, sound: set[int], path: set[int]) -> None:
    """An alias inside its own anchor would send every reader round for ever."""
    if id(node) in path:
        raise yaml.composer.ComposerError(
            None, None, "ссылка на саму себя", node.start_mark
        )
    if id(node) in sound:  # an alias elsewhere: shared, not copied, not walked twice
        return
    path.add(id(node))
    for part in _parts(node):
        _refuse_cycles(part, sound, path)
    path.remove(id(node))
    sound.add(id(node))


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
