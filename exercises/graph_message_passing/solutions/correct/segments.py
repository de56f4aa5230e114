"""Edges sorted by target, and each vertex's run of them reduced at once."""

import torch


def aggregate(msg, dst, n, reduce):
    order = torch.argsort(dst, stable=True)
    degree = torch.bincount(dst, minlength=n)
    out = torch.segment_reduce(msg[order], reduce, lengths=degree, axis=0)
    return torch.where(degree.unsqueeze(1) > 0, out, msg.new_zeros(()))


def sage(x, edge_index, w_self, w_neigh, reduce):
    came = aggregate(x.index_select(0, edge_index[0]), edge_index[1], len(x), reduce)
    return torch.addmm(x @ w_self, came, w_neigh)
