from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Pull = Callable[[Tensor], Tensor]  # gradient of the result -> of the operand


class Var:
    """Тензор, который помнит, из чего он получен.

    data: float-тензор любой формы; grad: None, а после backward — тензор той же
    формы и того же dtype. Операции возвращают новый Var.
    """

    def __init__(self, data: Tensor, *operands: tuple[Var, Pull]) -> None:
        self.data = data
        self.grad: Tensor | None = None
        self.operands = operands

    def __add__(self, other: Var) -> Var:
        return Var(self.data + other.data, (self, same), (other, same))

    def __sub__(self, other: Var) -> Var:
        return Var(self.data - other.data, (self, same), (other, torch.neg))

    def __mul__(self, other: Var) -> Var:
        a, b = self.data, other.data
        return Var(a * b, (self, lambda g: g * b), (other, lambda g: g * a))

    def __matmul__(self, other: Var) -> Var:
        """Только матрицы: [n, k] @ [k, m]."""
        a, b = self.data, other.data
        return Var(a @ b, (self, lambda g: g @ b.mT), (other, lambda g: a.mT @ g))

    def relu(self) -> Var:
        positive = self.data > 0
        return Var(self.data.clamp(min=0), (self, lambda g: g * positive))

    def exp(self) -> Var:
        result = self.data.exp()
        return Var(result, (self, lambda g: g * result))

    def log(self) -> Var:
        return Var(self.data.log(), (self, lambda g: g / self.data))

    def sum(self, dim: int | None = None) -> Var:
        """Сумма всех элементов или по оси dim (ось исчезает)."""
        shape = self.data.shape
        if dim is None:
            return Var(self.data.sum(), (self, lambda g: g.expand(shape)))
        spread = self.data.sum(dim), (self, lambda g: g.unsqueeze(dim).expand(shape))
        return Var(*spread)

    def backward(self) -> None:
        """Посчитать grad у всех узлов, от которых зависит этот скаляр.

        ValueError, если data — не скаляр (форма не []).
        """
        if self.data.ndim:
            raise ValueError(f"нужен скаляр, а не форма {list(self.data.shape)}")
        self.grad = torch.ones_like(self.data)
        for node in reversed(topological(self)):
            assert node.grad is not None
            for operand, pull in node.operands:
                operand.receive(pull(node.grad))

    def receive(self, grad: Tensor) -> None:
        grad = grad.sum_to_size(self.data.shape)
        self.grad = grad.clone() if self.grad is None else self.grad + grad


def same(grad: Tensor) -> Tensor:
    return grad


def topological(root: Var) -> list[Var]:
    """Every node after all of its operands, without recursion."""
    order: list[Var] = []
    seen = {id(root)}
    stack = [(root, iter(root.operands))]
    while stack:
        node, rest = stack[-1]
        for operand, _ in rest:
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append((operand, iter(operand.operands)))
                break
        else:
            order.append(node)
            stack.pop()
    return order
