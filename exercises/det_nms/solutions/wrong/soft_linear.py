"""Scores decay linearly."""

import torch


def iou(one, many):
    low = torch.maximum(one[:2], many[:, :2])
    high = torch.minimum(one[2:], many[:, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    sizes = (many[:, 2:] - many[:, :2]).prod(-1)
    return shared / ((one[2:] - one[:2]).prod() + sizes - shared)


def nms(boxes, scores, thr):
    order = scores.argsort(descending=True, stable=True)
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[iou(boxes[best], boxes[order]) <= thr]
    return torch.stack(kept) if kept else order


def batched_nms(boxes, scores, labels, thr):
    kept = [
        of[nms(boxes[of], scores[of], thr)]
        for of in ((labels == label).nonzero()[:, 0] for label in labels.unique())
    ]
    idx = torch.cat(kept).sort().values if kept else labels[:0]
    return idx[scores[idx].argsort(descending=True, stable=True)]


def soft_nms(boxes, scores, sigma, min_score):
    scores = scores.clone()
    left = torch.arange(len(scores))
    kept = []
    while len(left) and scores[left].max() >= min_score:
        at = scores[left].argmax()
        best, left = left[at], torch.cat([left[:at], left[at + 1 :]])
        kept.append(best)
        scores[left] *= 1 - iou(boxes[best], boxes[left])
    idx = torch.stack(kept) if kept else left[:0]
    return idx, scores[idx]
