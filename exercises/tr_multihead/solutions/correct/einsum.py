"""Heads as an axis of the weights; the softmax written out."""

import torch
from torch import nn


class MHA(nn.Module):
    def __init__(self, d, heads, bias=True):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.randn(3 * d, d) * 0.02)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * d)) if bias else None
        self.out_proj = nn.Linear(d, d, bias)

    def forward(self, q, k, v, key_padding_mask=None, causal=False):
        q, k, v = (self.project(n, x) for n, x in enumerate((q, k, v)))
        scores = torch.einsum("bihe,bjhe->bhij", q / q.shape[-1] ** 0.5, k)
        lq, lk = scores.shape[-2:]
        if causal:
            i, j = torch.arange(lq)[:, None], torch.arange(lk)
            scores = scores.masked_fill(j - i > lk - lq, -torch.inf)
        if key_padding_mask is not None:
            scores = scores.masked_fill(key_padding_mask[:, None, None], -torch.inf)
        heights = (scores - scores.amax(-1, keepdim=True)).exp()
        weights = heights / heights.sum(-1, keepdim=True)
        joined = torch.einsum("bhij,bjhe->bihe", weights, v).flatten(2)
        return self.out_proj(joined), weights

    def project(self, n, x):
        """[B, L, d] to [B, L, heads, d / heads]; n: 0 for q, 1 for k, 2 for v."""
        d = x.shape[-1]
        weight = self.in_proj_weight.view(3, self.heads, d // self.heads, d)[n]
        y = torch.einsum("bld,hed->blhe", x, weight)
        if self.in_proj_bias is None:
            return y
        return y + self.in_proj_bias.view(3, self.heads, -1)[n]
