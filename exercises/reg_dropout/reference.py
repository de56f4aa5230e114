import torch
from torch import Tensor, nn


class MyDropout(nn.Module):
    """Инвертированный дропаут.

    p — вероятность обнулить элемент, 0 ≤ p ≤ 1. В режиме обучения уцелевшие
    элементы делятся на 1 − p, в режиме применения вход не меняется.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return x * scaled_mask(x, self.p) if self.training else x


def drop_connect(x: Tensor, W: Tensor, b: Tensor, p: float, training: bool) -> Tensor:
    """Линейный слой, у которого при обучении обнуляются отдельные веса.

    x: [B, in], W: [out, in], b: [out]; p — вероятность обнулить вес.
    Маска весов у каждого объекта своя; уцелевшие веса делятся на 1 − p.
    Сдвиг b не обнуляется. Возвращает [B, out].
    """
    if not training:
        return x @ W.mT + b
    weights = W.expand(len(x), *W.shape)
    weights = weights * scaled_mask(weights, p)
    return (weights @ x.unsqueeze(-1)).squeeze(-1) + b


def scaled_mask(like: Tensor, p: float) -> Tensor:
    """Independent zeros with probability p, otherwise 1 / (1 - p)."""
    if p == 1:
        return torch.zeros_like(like)
    return (torch.rand_like(like) >= p) / (1 - p)
