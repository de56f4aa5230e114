from __future__ import annotations

import torch
from torch import Tensor


class Var:
    """Тензор, который помнит, из чего он получен.

    data: float-тензор любой формы; grad: None, а после backward — тензор той же
    формы и того же dtype. Операции возвращают новый Var.
    """

    def __init__(self, data: Tensor) -> None:
        self.data = data
        self.grad: Tensor | None = None
        raise NotImplementedError

    def __add__(self, other: Var) -> Var:
        raise NotImplementedError

    def __sub__(self, other: Var) -> Var:
        raise NotImplementedError

    def __mul__(self, other: Var) -> Var:
        raise NotImplementedError

    def __matmul__(self, other: Var) -> Var:
        """Только матрицы: [n, k] @ [k, m]."""
        raise NotImplementedError

    def relu(self) -> Var:
        raise NotImplementedError

    def exp(self) -> Var:
        raise NotImplementedError

    def log(self) -> Var:
        raise NotImplementedError

    def sum(self, dim: int | None = None) -> Var:
        """Сумма всех элементов или по оси dim (ось исчезает)."""
        raise NotImplementedError

    def backward(self) -> None:
        """Посчитать grad у всех узлов, от которых зависит этот скаляр.

        ValueError, если data — не скаляр (форма не []).
        """
        raise NotImplementedError
