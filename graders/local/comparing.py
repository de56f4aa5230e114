"""Holds an answer against the expected one, as the site does it.

Structure, type, shape and dtype come first, then values; the first difference is the
one that is told. An element may be off by ``rel * (|expected| + scale)``, where
``scale`` is the root mean square of the expected tensor, unless the exercise says so.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

RELATIVE = {
    "float64": 1e-9, "float32": 1e-4, "bfloat16": 2e-2, "float16": 2e-3,
    "complex128": 1e-9, "complex64": 1e-4,
}  # fmt: skip
Place = tuple[Any, ...]  # keys and indices that lead into an answer


class Shaped:
    """What is known of a tensor whose values are free."""

    def __init__(self, dtype: str, shape: list[int]) -> None:
        self.dtype, self.shape = dtype, shape


def difference(came: Any, wanted: Any, case: Mapping[str, Any]) -> str | None:
    """The first thing in which an answer differs from the expected one, in Russian."""
    names = {tuple(path): name for path, name in case["names"]}
    for path, a, b in pairs(came, wanted, ()):
        if problem := shape_problem(a, b):
            return f"{name_of(path, names)}: {problem}"
    for path, a, b in pairs(came, wanted, ()):
        if problem := value_problem(a, b, case["rel"], case["scale"]):
            return f"{name_of(path, names)}: {problem}"
    return None


def pairs(came: Any, wanted: Any, path: Place) -> Iterator[tuple[Place, Any, Any]]:
    """Leaves of both answers, and containers that do not agree."""
    if kind(came) != kind(wanted) or not isinstance(wanted, (dict, list, tuple)):
        yield path, came, wanted
    elif isinstance(wanted, dict):
        if set(came) != set(wanted):
            yield path, came, wanted
        for key in wanted:
            if key in came:
                yield from pairs(came[key], wanted[key], (*path, key))
    elif len(came) != len(wanted):
        yield path, came, wanted
    else:
        for i in range(len(wanted)):
            yield from pairs(came[i], wanted[i], (*path, i))


def kind(thing: Any) -> str:
    """What the site would see of it: classes of one's own do not reach it."""
    if type(thing) in (Tensor, torch.nn.Parameter):
        is_plain = thing.layout == torch.strided and not thing.is_meta
        return "tensor" if is_plain else "тензор без обычных чисел"
    if isinstance(thing, Shaped):
        return "tensor"
    if type(thing) in (list, tuple):
        return "list"
    if type(thing) in (dict, OrderedDict):
        return "dict"
    return type(thing).__name__


def shape_problem(came: Any, wanted: Any) -> str | None:
    """Structure, type, shape, dtype; and NaN or infinity where there should be none."""
    kinds = kind(came), kind(wanted)
    if kinds[0] != kinds[1]:
        if kinds == ("int", "float"):
            return None
        return f"ожидался тип {kinds[1]}, получен {kinds[0]}."
    if isinstance(wanted, dict):
        return f"ожидались ключи {list(wanted)}, получены {list(came)}."
    if isinstance(wanted, (list, tuple)):
        return f"ожидалось значений: {len(wanted)}, получено: {len(came)}."
    if kinds[1] != "tensor":
        return None
    if list(came.shape) != list(wanted.shape):
        return f"ожидалась форма {list(wanted.shape)}, получена {list(came.shape)}."
    if name_of_dtype(came) != name_of_dtype(wanted):
        return f"ожидался {name_of_dtype(wanted)}, получен {name_of_dtype(came)}."
    return None


def name_of_dtype(tensor: Tensor | Shaped) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def name_of(path: Place, names: Mapping[Place, str]) -> str:
    """The longest known name of the path's beginning, then the rest as indices."""
    for cut in range(len(path), 0, -1):
        if path[:cut] in names:
            return names[path[:cut]] + "".join(f"[{key!r}]" for key in path[cut:])
    return "результат" + "".join(f"[{key!r}]" for key in path)


def value_problem(
    came: Any, wanted: Any, rel: float | None, scale: float | None
) -> str | None:
    """What is wrong with the numbers of a leaf whose shape is right."""
    if isinstance(wanted, Shaped):
        return None
    if not isinstance(wanted, (Tensor, float)):
        return None if came == wanted else f"ожидалось {wanted!r}, получено {came!r}."
    a, b = as_tensor(came), as_tensor(wanted)
    allowed = allowance(b, rel, scale)
    error = (widened(a) - widened(b)).abs()
    wrong = (a != b) & ((allowed == 0) | ~(error <= allowed))
    if not bool(wrong.any()):
        return None
    return worst(a, b, error, allowed, wrong)


def as_tensor(thing: Any) -> Tensor:
    if isinstance(thing, Tensor):
        return thing.detach().cpu()
    return torch.tensor(float(thing), dtype=torch.float64)


def widened(x: Tensor) -> Tensor:
    return x.to(torch.complex128 if x.is_complex() else torch.float64)


def allowance(wanted: Tensor, rel: float | None, scale: float | None) -> Tensor:
    """How far each element may be off; whole numbers and infinities must be exact."""
    if rel is None:
        rel = RELATIVE.get(name_of_dtype(wanted), 0.0)
    size = widened(wanted).abs()
    finite = size[torch.isfinite(size)]
    if scale is None:
        scale = float(finite.square().mean().sqrt()) if finite.numel() else 0.0
    return torch.where(torch.isfinite(size), rel * (size + scale), 0.0)


def worst(
    came: Tensor, wanted: Tensor, error: Tensor, allowed: Tensor, wrong: Tensor
) -> str:
    """How many elements are wrong, and the one that is furthest off."""
    excess = torch.nan_to_num(error - allowed, nan=math.inf)
    flat = torch.where(wrong, excess, -math.inf).reshape(-1)
    at = int(flat.argmax())
    place = place_of(at, list(wrong.shape))
    limit = float(allowed.reshape(-1)[at])
    return (
        f"не совпадает элементов: {int(wrong.sum())} из {wrong.numel()}. "
        f"Дальше всего на месте {place}: ожидалось {shown(wanted, at)}, "
        f"получено {shown(came, at)} (допуск {russian(limit)})."
    )


def place_of(at: int, shape: list[int]) -> list[int]:
    """The index of an element by its number."""
    place: list[int] = []
    for size in reversed(shape):
        at, index = divmod(at, size)
        place.insert(0, index)
    return place


def shown(tensor: Tensor, at: int) -> str:
    number = tensor.reshape(-1)[at].item()
    return russian(number) if isinstance(number, float) else str(number)


def russian(number: float) -> str:
    """Six digits, a decimal comma, a real minus."""
    return f"{number:.6g}".replace(".", ",").replace("-", "−")
