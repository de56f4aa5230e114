"""One query at a time over its allowed keys only: no mask arithmetic at all."""

import torch


def attention(q, k, v, mask=None, causal=False):
    lq, lk = q.shape[-2], k.shape[-2]
    lead = q.shape[:-2]
    allowed = torch.ones(*lead, lq, lk, dtype=torch.bool)
    if mask is not None:
        allowed = allowed & mask
    if causal:
        allowed = allowed & torch.tril(torch.ones(lq, lk, dtype=torch.bool), lk - lq)
    flat_q, flat_k = q.reshape(-1, lq, q.shape[-1]), k.reshape(-1, lk, k.shape[-1])
    weights = [
        torch.stack([one_row(row, keys, open_) for row, open_ in zip(rows, opens)])
        for rows, keys, opens in zip(flat_q, flat_k, allowed.reshape(-1, lq, lk))
    ]
    weights = torch.stack(weights).reshape(*lead, lq, lk)
    return weights @ v, weights


def one_row(query, keys, open_):
    row = torch.zeros(len(keys), dtype=query.dtype)
    if not open_.any():
        return row
    scores = keys[open_] @ query / len(query) ** 0.5
    return row.masked_scatter(open_, torch.softmax(scores, 0))
