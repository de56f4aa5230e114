"""One object at a time: the sum of exponents of differences to its own class."""

import torch


def cross_entropy(logits, target, label_smoothing=0.0, ignore_index=-100):
    losses = []
    for row, label in zip(logits, target.tolist()):
        if label != ignore_index:
            of_class = torch.stack([loss_of(row, c) for c in range(len(row))])
            losses.append(
                (1 - label_smoothing) * of_class[label]
                + label_smoothing * of_class.mean()
            )
    return sum(losses) / len(losses)


def loss_of(row, c):
    """Minus the logarithm of the probability of class c."""
    apart = row - row[c]
    most = apart.max().detach()
    return most + (apart - most).exp().sum().log()
