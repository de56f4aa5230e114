"""A loop over the false words; the logarithm of the sigmoid written out."""

import torch


def noise_dist(counts, power=0.75):
    weights = torch.where(counts > 0, (power * counts.clamp(min=1).log()).exp(), 0.0)
    return weights / weights.sum()


def sgns_loss(w_in, w_out, center, pos, neg):
    centers, contexts = w_in.index_select(0, center), w_out.index_select(0, pos)
    total = cost(torch.linalg.vecdot(centers, contexts))
    for words in neg.unbind(dim=1):
        contexts = w_out.index_select(0, words)
        total = total + cost(-torch.linalg.vecdot(centers, contexts))
    return total.mean()


def cost(z):
    """-log sigmoid(z), whose exponent is never positive."""
    return torch.log1p(torch.exp(-z.abs())) - z.clamp(max=0)
