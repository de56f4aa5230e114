"""Explicit exponentials: subtract the row's maximum, guard the zero sum."""

import torch


def attention(q, k, v, mask=None, causal=False):
    lq, lk, d = q.size(-2), k.size(-2), q.size(-1)
    scores = torch.einsum("...id,...jd->...ij", q * d**-0.5, k)
    closed = torch.zeros(lq, lk, dtype=torch.bool)
    if causal:
        i, j = torch.arange(lq)[:, None], torch.arange(lk)[None, :]
        closed = closed | (j > i + lk - lq)
    if mask is not None:
        closed = closed | mask.logical_not()
    # A large finite score for the closed: they cannot decide the maximum.
    shift = torch.where(closed, scores.new_tensor(-1e30), scores).amax(-1, keepdim=True)
    shift = shift.detach().clamp(min=-1e20)
    exponents = torch.where(closed, scores.new_tensor(0.0), scores - shift)
    heights = torch.where(closed, scores.new_tensor(0.0), exponents.exp())
    total = heights.sum(-1, keepdim=True)
    weights = heights / torch.where(total > 0, total, torch.ones_like(total))
    return torch.einsum("...ij,...jv->...iv", weights, v), weights
