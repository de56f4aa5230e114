import torch
from torch import Tensor


def flash_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    block_q: int = 64,
    block_k: int = 64,
    causal: bool = False,
) -> Tensor:
    """Внимание по блокам, без матрицы L×L.

    q, k, v: [B, h, L, d]; L не обязано делиться на размеры блоков.
    block_q, block_k: сколько запросов и сколько ключей обрабатывать за раз.
    causal: запрос i видит только ключи j ≤ i.

    Возвращает [B, h, L, d].
    """
    raise NotImplementedError
