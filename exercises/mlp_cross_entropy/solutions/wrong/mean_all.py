"""Divided by the size of the batch, ignored objects included."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    size = len(target)
    kept = target != ignore_index
    logits, target = logits[kept], target[kept]
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    of_target = log_probs[torch.arange(len(target)), target]
    losses = (1 - label_smoothing) * of_target + label_smoothing * log_probs.mean(dim=1)
    return -losses.sum() / size
