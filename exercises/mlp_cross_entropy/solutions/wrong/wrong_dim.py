"""The probabilities of each class, not of each object, sum to one."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    kept = target != ignore_index
    logits, target = logits[kept], target[kept]
    shifted = logits - logits.amax(dim=0, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=0, keepdim=True).log()
    of_target = log_probs[torch.arange(len(target)), target]
    losses = (1 - label_smoothing) * of_target + label_smoothing * log_probs.mean(dim=1)
    return -losses.sum() / len(target)
