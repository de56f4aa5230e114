"""One product for the true word and the false ones."""

import torch


def noise_dist(counts, power=0.75):
    powered = torch.pow(counts.double(), power)
    return (powered / powered.sum()).float()


def sgns_loss(w_in, w_out, center, pos, neg):
    words = torch.cat([pos[:, None], neg], dim=1)
    scores = torch.einsum("bd,bkd->bk", w_in[center], w_out[words])
    signs = torch.ones_like(scores)
    signs[:, 1:] = -1
    return -torch.nn.functional.logsigmoid(signs * scores).sum() / len(center)
