"""A constant inside the logarithm spoils small probabilities."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    kept = target != ignore_index
    logits, target = logits[kept], target[kept]
    weights = (logits - logits.amax(dim=1, keepdim=True)).exp()
    log_probs = (weights / weights.sum(dim=1, keepdim=True) + 1e-8).log()
    of_target = log_probs[torch.arange(len(target)), target]
    losses = (1 - label_smoothing) * of_target + label_smoothing * log_probs.mean(dim=1)
    return -losses.sum() / len(target)
