"""Assignment by index keeps one of the messages that arrive together."""

import torch


def aggregate(msg, dst, n, reduce):
    zeros = msg.new_zeros(n, msg.shape[1])
    index = dst[:, None].expand_as(msg)
    if reduce == "max":
        return torch.index_put(zeros, (dst,), msg)
    total = torch.index_put(zeros, (dst,), zeros[dst] + msg)
    if reduce == "sum":
        return total
    return total / torch.bincount(dst, minlength=n).clamp(min=1)[:, None]


def sage(x, edge_index, w_self, w_neigh, reduce):
    source, target = edge_index
    return x @ w_self + aggregate(x[source], target, len(x), reduce) @ w_neigh
