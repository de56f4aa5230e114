"""A mismatch as a Russian sentence or two for the student.

Every message says what was expected, what came, and where: never «неверно».
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from graders.mismatch import Difference, Mismatch, Path, Worst
from graders.words import NBSP, listing, number, plural

KINDS = {
    "tensor": "тензор",
    "Tensor[meta]": 'тензор без чисел (device="meta")',
    "list": "кортеж или список",
    "dict": "словарь",
    "NoneType": "None",
    "int": "целое число",
    "float": "число",
    "bool": "логическое значение",
    "str": "строка",
    "complex": "комплексное число",
    "set": "множество",
    "generator": "генератор",
    "function": "функция",
}


def explain(mismatch: Mismatch, names: Mapping[Path, str] | None = None) -> str:
    """The mismatch in Russian; ``names`` says how parts of the answer are called."""
    where = name_of(mismatch.path, names or {})
    match mismatch.difference:
        case Difference.TYPE:
            return _type(where, mismatch)
        case Difference.COUNT:
            return _count(where, mismatch.expected, mismatch.actual)
        case Difference.KEYS:
            return _keys(where, mismatch.expected, mismatch.actual)
        case Difference.SHAPE:
            return _shape(where, mismatch.expected, mismatch.actual)
        case Difference.DTYPE:
            return _dtype(where, mismatch.expected, mismatch.actual)
        case Difference.NOT_FINITE:
            assert mismatch.worst
            return _not_finite(where, mismatch.worst)
        case Difference.VALUES if mismatch.worst:
            return _values(where, mismatch.worst)
        case Difference.VALUES:
            wanted = repr(mismatch.expected)
            return f"{where}: ожидалось {wanted}, получено {_shown(mismatch)}."


def facts(mismatch: Mismatch) -> dict[str, Any]:
    """The same as JSON-able data."""
    found = asdict(mismatch) | {"difference": mismatch.difference.value}
    if mismatch.worst is None:
        found["expected"], found["actual"] = str(mismatch.expected), _told(mismatch)
    return {key: value for key, value in found.items() if value is not None}


def name_of(path: Path, names: Mapping[Path, str]) -> str:
    """The longest known name of the path's beginning, then the rest as indices."""
    for cut in range(len(path), -1, -1):
        if path[:cut] in names:
            return names[path[:cut]] + "".join(f"[{key!r}]" for key in path[cut:])
    return "результат" + "".join(f"[{key!r}]" for key in path)


def _type(where: str, mismatch: Mismatch) -> str:
    if mismatch.actual == "NoneType":
        wanted = _kind(mismatch.expected)
        if where == "результат":
            return f"Функция вернула None, а ожидался {wanted} — забыли return?"
        return f"{where}: получено None, а ожидался {wanted}."
    came = _kind(mismatch.actual)
    return f"{where}: ожидался тип «{_kind(mismatch.expected)}», получен «{came}»."


def _kind(name: str) -> str:
    """A class of the student's own may be named anything: only libraries' are told."""
    if name in KINDS:
        return KINDS[name]
    parts = name.removeprefix("Tensor[").removesuffix("]").split(", ")
    if all(map(_is_of_a_library, parts)):
        return name
    return "объект собственного класса"


def _is_of_a_library(name: str) -> bool:
    """Whether this process knows the name too: then it carries no message."""
    module, _, rest = name.rpartition(".")
    known = module.partition(".")[0] in ("torch", "numpy", "collections")
    return known and rest in vars(sys.modules.get(module, object))


def _count(where: str, expected: int, actual: int) -> str:
    values = plural(expected, "значение", "значения", "значений")
    return f"{where}: ожидалось {values}, получено {actual}."


def _keys(where: str, expected: Sequence[str], actual: Sequence[str]) -> str:
    missing = sorted(set(expected) - set(actual))
    extra = sorted(set(actual) - set(expected))
    parts = []
    if missing:
        parts.append(f"нет ключей {listing(missing)}")
    if extra:
        parts.append(f"лишних ключей: {len(extra)}")
    return f"{where}: {listing(parts)}."


def _shape(where: str, expected: Sequence[int], actual: Sequence[int]) -> str:
    text = f"{where}: ожидалась форма {list(expected)}, получена {list(actual)}"
    if len(expected) != len(actual):
        axes = plural(len(expected), "ось", "оси", "осей")
        return f"{text}: нужно {axes}, а не{NBSP}{len(actual)}."
    wrong = [
        f"ось {axis}: {came} вместо {wanted}"
        for axis, (wanted, came) in enumerate(zip(expected, actual, strict=True))
        if wanted != came
    ]
    swapped = sorted(expected) == sorted(actual)
    guess = " Похоже, оси переставлены." if swapped else ""
    return f"{text} ({'; '.join(wrong)}).{guess}"


def _dtype(where: str, expected: str, actual: str) -> str:
    return f"{where}: ожидался dtype {expected}, получен {actual}."


def _not_finite(where: str, worst: Worst) -> str:
    wrong, of = _share(worst)
    return (
        f"{where}: NaN или бесконечность там, где их быть не должно "
        f"({wrong} из {of}); например, на месте {_at(worst)} "
        f"ожидалось {number(worst.expected)}, получено {number(worst.actual)}."
    )


def _values(where: str, worst: Worst) -> str:
    wrong, of = _share(worst)
    return (
        f"{where}: не совпадают {wrong} из {of}. Дальше всего — на месте {_at(worst)}: "
        f"ожидалось {number(worst.expected)}, получено {number(worst.actual)} "
        f"(ошибка {number(worst.error)} при допуске {number(worst.allowance)})."
    )


def _share(worst: Worst) -> tuple[str, int]:
    elements = plural(worst.mismatched, "элемент", "элемента", "элементов")
    return elements, worst.compared


def _at(worst: Worst) -> str:
    return str(list(worst.index)) if worst.index else "единственного числа"


def _told(mismatch: Mismatch) -> str:
    """The student's side in short; names that may carry a message are left out."""
    match mismatch.difference:
        case Difference.TYPE:
            return _kind(mismatch.actual)
        case Difference.KEYS:
            known = set(mismatch.actual) & set(mismatch.expected)
            return str(sorted(known))
    return _shown(mismatch)


def _shown(mismatch: Mismatch) -> str:
    """The student's value, short."""
    return repr(mismatch.actual)[:80]
