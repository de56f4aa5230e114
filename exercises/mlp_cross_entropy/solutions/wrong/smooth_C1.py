"""The mass is shared by the wrong classes alone."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    kept = target != ignore_index
    logits, target = logits[kept], target[kept]
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    others = log_probs.sum(dim=1) - log_probs[torch.arange(len(target)), target]
    of_target = log_probs[torch.arange(len(target)), target]
    losses = (1 - label_smoothing) * of_target + label_smoothing * others / (
        logits.shape[1] - 1
    )
    return -losses.sum() / len(target)
