import torch
from torch import Tensor, nn


class MyDropout(nn.Module):
    """Инвертированный дропаут.

    p — вероятность обнулить элемент, 0 ≤ p ≤ 1. В режиме обучения уцелевшие
    элементы делятся на 1 − p, в режиме применения вход не меняется.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


def drop_connect(x: Tensor, W: Tensor, b: Tensor, p: float, training: bool) -> Tensor:
    """Линейный слой, у которого при обучении обнуляются отдельные веса.

    x: [B, in], W: [out, in], b: [out]; p — вероятность обнулить вес.
    Маска весов у каждого объекта своя; уцелевшие веса делятся на 1 − p.
    Сдвиг b не обнуляется. Возвращает [B, out].
    """
    raise NotImplementedError
