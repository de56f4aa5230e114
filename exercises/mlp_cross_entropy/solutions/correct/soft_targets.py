"""Dense targets: the smoothed distribution times the log-probabilities."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    kept = target != ignore_index
    classes = logits.shape[1]
    wanted = torch.zeros_like(logits)
    wanted[kept, target[kept]] = 1.0
    wanted = (1 - label_smoothing) * wanted + label_smoothing / classes
    peak = logits.detach().max(dim=1, keepdim=True).values
    total = torch.log(torch.sum(torch.exp(logits - peak), dim=1, keepdim=True)) + peak
    losses = (wanted * (total - logits)).sum(dim=1)
    return (losses * kept).sum() / kept.sum()
