import math

import torch
from torch import Tensor


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    causal: bool = False,
) -> tuple[Tensor, Tensor]:
    """Масштабированное скалярное внимание.

    q: [..., Lq, d], k: [..., Lk, d], v: [..., Lk, dv].
    mask: bool, приводится к [..., Lq, Lk]; True — смотреть можно.
    causal: закрыть будущее; маска выровнена по правому нижнему углу.

    Возвращает (out [..., Lq, dv], weights [..., Lq, Lk]); строки, которым не
    разрешена ни одна позиция, — нули.
    """
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    allowed = torch.ones_like(scores, dtype=torch.bool)
    if causal:
        allowed = allowed.tril(k.shape[-2] - q.shape[-2])
    if mask is not None:
        allowed = allowed & mask
    # Not −inf: a closed row would be NaN, and its gradient NaN even if replaced.
    scores = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1).masked_fill(~allowed, 0.0)
    return weights @ v, weights
