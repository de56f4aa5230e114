import math

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
    dtype, wide = q.dtype, torch.promote_types(q.dtype, torch.float32)
    q, k, v = q.to(wide) / math.sqrt(q.shape[-1]), k.to(wide), v.to(wide)
    keys, values = k.split(block_k, dim=2), v.split(block_k, dim=2)
    outputs = []
    for number, queries in enumerate(q.split(block_q, dim=2)):
        rows = (
            number * block_q + torch.arange(queries.shape[2], device=q.device)[:, None]
        )
        peak = queries.new_full((*queries.shape[:3], 1), -math.inf)
        total, gathered = torch.zeros_like(peak), torch.zeros_like(queries)
        for start, (key, value) in enumerate(zip(keys, values, strict=True)):
            columns = start * block_k + torch.arange(key.shape[2], device=q.device)
            if causal and columns[0] > rows[-1]:
                break
            scores = queries @ key.mT
            if causal:
                scores = scores.masked_fill(columns > rows, -math.inf)
            # Key 0 is open to every query, so the peak is finite from the first block.
            higher = torch.maximum(peak, scores.amax(dim=-1, keepdim=True))
            shrink, heights = (peak - higher).exp(), (scores - higher).exp()
            total = total * shrink + heights.sum(dim=-1, keepdim=True)
            gathered = gathered * shrink + heights @ value
            peak = higher
        outputs.append(gathered / total)
    return torch.cat(outputs, dim=2).to(dtype)
