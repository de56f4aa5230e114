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
    raise NotImplementedError
