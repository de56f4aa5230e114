"""All pairs at once; classes are kept apart by a mask on the matrix."""

import torch


def pairs(boxes):
    x1, y1, x2, y2 = boxes.unbind(1)
    width = torch.min(x2[:, None], x2) - torch.max(x1[:, None], x1)
    height = torch.min(y2[:, None], y2) - torch.max(y1[:, None], y1)
    shared = width.clamp(min=0) * height.clamp(min=0)
    sizes = (x2 - x1) * (y2 - y1)
    return shared / (sizes[:, None] + sizes - shared)


def greedy(clash, scores):
    order = torch.sort(scores, descending=True, stable=True).indices
    rows = clash[order][:, order].numpy()
    alive, kept = [True] * len(order), []
    for at in range(len(order)):
        if alive[at]:
            kept.append(at)
            for other in rows[at].nonzero()[0]:
                if other > at:
                    alive[other] = False
    return order[torch.tensor(kept, dtype=torch.int64)]


def nms(boxes, scores, thr):
    return greedy(pairs(boxes) > thr, scores)


def batched_nms(boxes, scores, labels, thr):
    return greedy((pairs(boxes) > thr) & (labels[:, None] == labels), scores)


def soft_nms(boxes, scores, sigma, min_score):
    decay = torch.exp(-pairs(boxes).square() / sigma)
    now, idx, values = scores.clone(), [], []
    taken = torch.zeros(len(scores), dtype=torch.bool)
    while not taken.all():
        shown = now.masked_fill(taken, -torch.inf)
        best = int(shown.argmax())
        if shown[best] < min_score:
            break
        idx.append(best)
        values.append(shown[best])
        taken[best] = True
        now = now * decay[best]
    return torch.tensor(idx, dtype=torch.int64), torch.stack(values) if values else (
        scores[:0]
    )
