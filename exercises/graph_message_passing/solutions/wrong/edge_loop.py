"""Right, edge by edge in Python."""

import torch


def aggregate(msg, dst, n, reduce):
    rows = list(msg.new_zeros(n, msg.shape[1]).unbind(0))
    degree = [0] * n
    for row, i in zip(msg.unbind(0), dst.tolist()):
        if reduce == "max" and degree[i]:
            rows[i] = torch.maximum(rows[i], row)
        elif reduce == "max":
            rows[i] = row
        else:
            rows[i] = rows[i] + row
        degree[i] += 1
    if reduce == "mean":
        rows = [row / max(1, count) for row, count in zip(rows, degree)]
    return torch.stack(rows)


def sage(x, edge_index, w_self, w_neigh, reduce):
    source, target = edge_index
    return x @ w_self + aggregate(x[source], target, len(x), reduce) @ w_neigh
