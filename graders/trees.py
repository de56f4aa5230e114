"""Walks over answers and inputs: trees of dict, list and tuple with tensors in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor

NODE = 64  # bytes of an object that is no tensor


def map_leaves(change: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with everything that is no container replaced."""
    if isinstance(tree, dict):
        return {key: map_leaves(change, value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(map_leaves(change, value) for value in tree)
    return change(tree)


def map_tensors(change: Callable[[Tensor], Tensor], tree: Any) -> Any:
    """The same tree with every tensor replaced by ``change(tensor)``."""
    return map_leaves(
        lambda leaf: change(leaf) if isinstance(leaf, Tensor) else leaf, tree
    )


def tensors(tree: Any) -> Iterator[Tensor]:
    """Every tensor of the tree, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from tensors(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from tensors(value)


def cloned(tree: Any) -> Any:
    """A copy that nobody else can change."""
    return map_tensors(lambda tensor: tensor.detach().clone(), tree)


def weight(tree: Any) -> int:
    """Bytes that a tree holds in memory, roughly."""
    if isinstance(tree, Tensor):
        return tree.nbytes
    if isinstance(tree, dict):
        return NODE + sum(weight(key) + weight(value) for key, value in tree.items())
    if isinstance(tree, list | tuple):
        return NODE + sum(map(weight, tree))
    return NODE + (len(tree) if isinstance(tree, str) else 0)
