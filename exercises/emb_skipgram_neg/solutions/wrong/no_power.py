"""Frequencies as they are."""

import torch


def noise_dist(counts, power=0.75):
    weights = counts.float()
    return weights / weights.sum()


def sgns_loss(w_in, w_out, center, pos, neg):
    v = w_in[center]
    of_pos = (v * w_out[pos]).sum(dim=-1)
    of_neg = (v[:, None] * w_out[neg]).sum(dim=-1)
    losses = torch.nn.functional.softplus(-of_pos) + torch.nn.functional.softplus(
        of_neg
    ).sum(dim=-1)
    return losses.mean()
