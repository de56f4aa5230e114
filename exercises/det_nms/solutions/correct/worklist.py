"""Plain Python over a sorted worklist; all three share one loop."""

import torch


def overlap(one, many):
    left, top = torch.max(one[0], many[:, 0]), torch.max(one[1], many[:, 1])
    right, bottom = torch.min(one[2], many[:, 2]), torch.min(one[3], many[:, 3])
    shared = (right - left).relu() * (bottom - top).relu()
    sizes = (many[:, 2] - many[:, 0]) * (many[:, 3] - many[:, 1])
    return shared / ((one[2] - one[0]) * (one[3] - one[1]) + sizes - shared)


def nms(boxes, scores, thr):
    return batched_nms(boxes, scores, torch.zeros(len(scores)), thr)


def batched_nms(boxes, scores, labels, thr):
    waiting = sorted(range(len(scores)), key=lambda n: -scores[n].item())
    waiting = torch.tensor(waiting, dtype=torch.int64)
    kept = []
    while waiting.numel():
        best, rest = waiting[0], waiting[1:]
        kept.append(best.item())
        rivals = labels[rest] == labels[best]
        waiting = rest[~(rivals & (overlap(boxes[best], boxes[rest]) > thr))]
    return torch.tensor(kept, dtype=torch.int64)


def soft_nms(boxes, scores, sigma, min_score):
    now = dict(enumerate(scores.unbind()))
    idx, new_scores = [], []
    while now:
        best = max(now, key=lambda n: (now[n].item(), -n))
        score = now.pop(best)
        if score < min_score:
            break
        idx.append(best)
        new_scores.append(score)
        left = list(now)
        decay = torch.exp(-overlap(boxes[best], boxes[left]).pow(2) / sigma)
        now = {n: now[n] * d for n, d in zip(left, decay.unbind())}
    values = torch.stack(new_scores) if new_scores else scores.new_empty(0)
    return torch.tensor(idx, dtype=torch.int64), values
