"""Head by head, each with its own slices of the projections."""

import torch
import torch.nn.functional as F
from torch import nn


class MHA(nn.Module):
    def __init__(self, d, heads, bias=True):
        super().__init__()
        self.d, self.heads = d, heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * d, d))
        nn.init.normal_(self.in_proj_weight, std=d**-0.5)
        if bias:
            self.in_proj_bias = nn.Parameter(torch.zeros(3 * d))
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = nn.Linear(d, d, bias=bias)

    def forward(self, q, k, v, key_padding_mask=None, causal=False):
        lq, lk = q.size(1), k.size(1)
        closed = torch.zeros(len(q), lq, lk, dtype=torch.bool)
        if causal:
            closed |= torch.ones(lq, lk, dtype=torch.bool).triu(lk - lq + 1)
        if key_padding_mask is not None:
            closed |= key_padding_mask.unsqueeze(1)
        each = [self.head(i, q, k, v, closed) for i in range(self.heads)]
        outputs, weights = zip(*each)
        return self.out_proj(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)

    def head(self, i, q, k, v, closed):
        q, k, v = (self.part(n, i, x) for n, x in enumerate((q, k, v)))
        scores = torch.bmm(q, k.mT) * q.size(-1) ** -0.5
        weights = torch.softmax(scores.masked_fill(closed, float("-inf")), dim=-1)
        return torch.bmm(weights, v), weights

    def part(self, n, i, x):
        size = self.d // self.heads
        rows = slice(n * self.d + i * size, n * self.d + (i + 1) * size)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        return F.linear(x, self.in_proj_weight[rows], bias)
