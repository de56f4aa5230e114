"""Edges sorted by target; the r-th message of every vertex is taken at once."""

import torch


def aggregate(msg, dst, n, reduce):
    order = torch.argsort(dst, stable=True)
    degree = torch.bincount(dst, minlength=n)
    start = degree.cumsum(0) - degree
    out = msg.new_zeros(n, msg.shape[1])
    for rank in range(int(degree.max())):
        nodes = (degree > rank).nonzero().squeeze(1)
        came = msg[order[start[nodes] + rank]]
        if rank == 0:
            joined = came
        elif reduce == "max":
            joined = torch.maximum(out[nodes], came)
        else:
            joined = out[nodes] + came
        out = out.index_copy(0, nodes, joined)
    if reduce == "mean":
        out = out / degree.clamp(min=1).unsqueeze(1)
    return out


def sage(x, edge_index, w_self, w_neigh, reduce):
    came = aggregate(x.index_select(0, edge_index[0]), edge_index[1], len(x), reduce)
    return x.mm(w_self).addmm(came, w_neigh)
