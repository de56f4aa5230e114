"""The maximum starts from zero."""

import torch


def aggregate(msg, dst, n, reduce):
    zeros = msg.new_zeros(n, msg.shape[1])
    index = dst[:, None].expand_as(msg)
    if reduce == "max":
        return zeros.scatter_reduce(0, index, msg, "amax")
    total = zeros.index_add(0, dst, msg)
    if reduce == "sum":
        return total
    return total / torch.bincount(dst, minlength=n).clamp(min=1)[:, None]


def sage(x, edge_index, w_self, w_neigh, reduce):
    source, target = edge_index
    return x @ w_self + aggregate(x[source], target, len(x), reduce) @ w_neigh
