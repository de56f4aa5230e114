import math

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class MHA(nn.Module):
    """Многоголовое внимание с параметрами nn.MultiheadAttention(batch_first=True).

    d — размерность модели, heads — число голов (делит d).
    Параметры: in_proj_weight [3d, d]; out_proj.weight [d, d];
    если bias — ещё in_proj_bias [3d] и out_proj.bias [d].
    """

    def __init__(self, d: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * d, d))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * d)) if bias else None
        self.out_proj = nn.Linear(d, d, bias=bias)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Внимание запросов q к ключам k и значениям v.

        q: [B, Lq, d]; k, v: [B, Lk, d].
        key_padding_mask: [B, Lk], bool; True — на этот ключ смотреть нельзя.
        causal: закрыть будущее; маска выровнена по правому нижнему углу.

        Возвращает (out [B, Lq, d], weights [B, heads, Lq, Lk]).
        """
        q, k, v = map(self._heads, self._projected(q, k, v))
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        closed = torch.zeros_like(scores, dtype=torch.bool)
        if causal:
            closed = ~(~closed).tril(k.shape[-2] - q.shape[-2])
        if key_padding_mask is not None:
            closed = closed | key_padding_mask[:, None, None, :]
        weights = scores.masked_fill(closed, -math.inf).softmax(dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2)), weights

    def _projected(self, *inputs: Tensor) -> list[Tensor]:
        weights = self.in_proj_weight.chunk(3)
        biases = [None] * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        return [linear(*each) for each in zip(inputs, weights, biases, strict=True)]

    def _heads(self, x: Tensor) -> Tensor:
        """[B, L, d] as [B, heads, L, d / heads]."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
