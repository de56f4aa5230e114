"""Divided by the root of d, not of d / heads."""

import torch
from torch import nn


class MHA(nn.Module):
    def __init__(self, d, heads, bias=True):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.randn(3 * d, d) / d**0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * d)) if bias else None
        self.out_proj = nn.Linear(d, d, bias=bias)

    def forward(self, q, k, v, key_padding_mask=None, causal=False):
        wq, wk, wv = self.in_proj_weight.chunk(3)
        q, k, v = q @ wq.T, k @ wk.T, v @ wv.T
        if self.in_proj_bias is not None:
            bq, bk, bv = self.in_proj_bias.chunk(3)
            q, k, v = q + bq, k + bk, v + bv
        q, k, v = self.split(q), self.split(k), self.split(v)
        scores = q @ k.transpose(-2, -1) / (self.heads * q.shape[-1]) ** 0.5
        allowed = torch.ones_like(scores, dtype=torch.bool)
        if causal:
            allowed = allowed.tril(k.shape[-2] - q.shape[-2])
        if key_padding_mask is not None:
            allowed = allowed & ~key_padding_mask[:, None, None]
        weights = scores.masked_fill(~allowed, -1e30).softmax(-1)
        out = self.join(weights @ v)
        return self.out_proj(out), weights

    def split(self, x):
        B, L, d = x.shape
        return x.view(B, L, self.heads, d // self.heads).transpose(1, 2)

    def join(self, x):
        B, h, L, dh = x.shape
        return x.transpose(1, 2).reshape(B, L, h * dh)
