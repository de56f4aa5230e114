"""A mismatch as a Russian sentence or two for the student.

Every message says what was expected, what came, and where: never «неверно».
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import Any

from graders.mismatch import Difference, Mismatch, Path, Worst
from graders.words import (
    NBSP,
    agreeing,
    listing,
    number,
    percent,
    plural,
    told_apart,
)

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


def brief(mismatch: Mismatch, names: Mapping[Path, str] | None = None) -> str:
    """The same without the figures, for a reader who has them in a table beside it."""
    where = name_of(mismatch.path, names or {})
    match mismatch.difference:
        case Difference.SHAPE:
            shapes = list(mismatch.expected), list(mismatch.actual)
            guess = _guess(mismatch.expected, mismatch.actual)
            return f"{where}: ожидалась форма {shapes[0]}, получена {shapes[1]}.{guess}"
        case Difference.VALUES if mismatch.worst:
            return f"{where}: {_unequal(mismatch.worst)}."
        case Difference.NOT_FINITE if mismatch.worst:
            return f"{where}: {STRANGE} — {_share(mismatch.worst)}."
    return explain(mismatch, names)


STRANGE = "NaN или бесконечность там, где их быть не должно,"


def facts(
    mismatch: Mismatch, names: Mapping[Path, str] | None = None
) -> dict[str, Any]:
    """The same as JSON-able data; the keys are those of report.py."""
    found: dict[str, Any] = {
        "difference": mismatch.difference.value,
        "part": name_of(mismatch.path, names or {}),
        "path": list(mismatch.path),
    }
    if mismatch.worst:
        share = mismatch.worst.mismatched / mismatch.worst.compared
        return found | {"worst": asdict(mismatch.worst), "share": share}
    if mismatch.difference is Difference.SHAPE:
        found["axes"] = _axes(mismatch.expected, mismatch.actual)
    return found | {"expected": _wanted(mismatch), "actual": _told(mismatch)}


def _axes(
    expected: Sequence[int], actual: Sequence[int]
) -> list[dict[str, int | None]]:
    """Size by size from the first axis on; None where one has no such axis."""
    pairs = zip_longest(expected, actual)
    return [
        {"axis": axis, "expected": wanted, "actual": came}
        for axis, (wanted, came) in enumerate(pairs)
    ]


def name_of(path: Path, names: Mapping[Path, str]) -> str:
    """The longest known name of the path's beginning, then the rest as indices."""
    for cut in range(len(path), -1, -1):
        if path[:cut] in names:
            return names[path[:cut]] + "".join(f"[{key!r}]" for key in path[cut:])
    return "результат" + "".join(f"[{key!r}]" for key in path)


def _type(where: str, mismatch: Mismatch) -> str:
    if mismatch.actual == "NoneType":
        wanted = _kind(mismatch.expected)
        if "grads" in mismatch.path:
            return f"{where}: {_no_gradient(mismatch.path[-1])}"
        if where == "результат":
            return f"Функция вернула None, а ожидался {wanted} — забыли return?"
        return f"{where}: получено None, а ожидался {wanted}."
    came = _kind(mismatch.actual)
    return f"{where}: ожидался тип «{_kind(mismatch.expected)}», получен «{came}»."


def _no_gradient(key: str | int) -> str:
    """A named one may be a parameter of a module, or what should have been one."""
    other = "" if isinstance(key, int) else " Или это буфер, а не nn.Parameter."
    return (
        "градиента нет (получено None): результат от этой величины не зависит. "
        f"Возможно, помешали detach(), .data, item() или no_grad().{other}"
    )


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
        guess = _guess(expected, actual)
        return f"{text}: нужно {axes}, а не{NBSP}{len(actual)}.{guess}"
    wrong = [
        f"ось {axis}: {came} вместо {wanted}"
        for axis, (wanted, came) in enumerate(zip(expected, actual, strict=True))
        if wanted != came
    ]
    return f"{text} ({'; '.join(wrong)}).{_guess(expected, actual)}"


def _guess(expected: Sequence[int], actual: Sequence[int]) -> str:
    """What is likely to have been forgotten."""
    if sorted(expected) == sorted(actual):
        return " Похоже, оси переставлены."
    ones_aside = [[n for n in shape if n != 1] for shape in (expected, actual)]
    if ones_aside[0] != ones_aside[1]:
        return ""
    if len(actual) > len(expected):
        return " Похоже, осталась лишняя ось размера 1: squeeze или keepdim=False."
    return " Похоже, пропала ось размера 1: unsqueeze или keepdim=True."


def _dtype(where: str, expected: str, actual: str) -> str:
    return f"{where}: ожидался dtype {expected}, получен {actual}."


def _not_finite(where: str, worst: Worst) -> str:
    return (
        f"{where}: {STRANGE} — {_share(worst)}. Например, на месте {_at(worst)} "
        f"ожидалось {number(worst.expected)}, получено {number(worst.actual)}."
    )


def _values(where: str, worst: Worst) -> str:
    wanted, came = told_apart(worst.expected, worst.actual)
    relative = worst.relative_error
    share = f", относительная {number(relative)}" if math.isfinite(relative) else ""
    return (
        f"{where}: {_unequal(worst)}. Дальше всего — на месте {_at(worst)}: "
        f"ожидалось {wanted}, получено {came} "
        f"(ошибка {number(worst.error)}{share} при допуске {number(worst.allowance)})."
    )


def _unequal(worst: Worst) -> str:
    if worst.compared == 1:
        return "значение не совпадает"
    if worst.mismatched == worst.compared:
        of = plural(worst.compared, "элемента", "элементов", "элементов")
        return f"не совпадает ни один из {of}"
    verb = agreeing(worst.mismatched, "не совпадает", "не совпадают")
    return f"{verb} {_share(worst)}"


def _share(worst: Worst) -> str:
    elements = plural(worst.mismatched, "элемент", "элемента", "элементов")
    share = percent(worst.mismatched, worst.compared)
    return f"{elements} из {worst.compared} ({share})"


def _at(worst: Worst) -> str:
    return str(list(worst.index)) if worst.index else "единственного числа"


def _wanted(mismatch: Mismatch) -> str:
    wanted = mismatch.expected
    if mismatch.difference is Difference.TYPE:
        return _kind(wanted)
    return str(list(wanted) if isinstance(wanted, tuple) else wanted)


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
    came = mismatch.actual
    return repr(list(came) if isinstance(came, tuple) else came)[:80]
