import torch
from torch import Tensor


def iou(one: Tensor, many: Tensor) -> Tensor:
    corner = torch.maximum(one[..., :2], many[..., :2])
    other = torch.minimum(one[..., 2:], many[..., 2:])
    shared = (other - corner).clamp(min=0).prod(-1)
    return shared / (area(one) + area(many) - shared)


def area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).prod(-1)


def nms(boxes: Tensor, scores: Tensor, thr: float) -> Tensor:
    """Подавление немаксимумов.

    boxes: [N, 4] — x1, y1, x2, y2; scores: [N]; thr — порог IoU.

    Возвращает idx [K], int64: номера оставленных рамок по убыванию оценки.
    """
    order = scores.argsort(descending=True, stable=True)
    if boxes.is_cuda:
        return order[staying(boxes[order], thr)]
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[iou(boxes[best], boxes[order]) <= thr]
    return torch.stack(kept) if kept else order


def staying(boxes: Tensor, thr: float) -> Tensor:
    """Which of the boxes, best first, stay.

    A loop would wait for the device at each of them. Here all are decided at once, by
    who stayed the last time, until nothing changes.
    """
    clash = torch.cat([iou(some[:, None], boxes) > thr for some in boxes.split(512)])
    clash.tril_(-1)  # only a better one can be in the way
    stay = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    while True:
        last, stay = stay, ~(clash & stay).any(1)
        if torch.equal(last, stay):
            return stay


def batched_nms(boxes: Tensor, scores: Tensor, labels: Tensor, thr: float) -> Tensor:
    """То же, но рамки разных классов друг друга не подавляют.

    boxes: [N, 4]; scores: [N]; labels: [N], int64; thr — порог IoU.

    Возвращает idx [K], int64, по убыванию оценки.
    """
    alone = [(labels == label).nonzero()[:, 0] for label in labels.unique()]
    kept = [of[nms(boxes[of], scores[of], thr)] for of in alone]
    idx = torch.cat(kept).sort().values if kept else labels[:0]
    return idx[scores[idx].argsort(descending=True, stable=True)]


def soft_nms(
    boxes: Tensor, scores: Tensor, sigma: float, min_score: float
) -> tuple[Tensor, Tensor]:
    """Мягкое подавление с гауссовым ослаблением оценок.

    boxes: [N, 4]; scores: [N]; sigma — ширина; min_score — порог остановки.

    Возвращает (idx [K], int64; new_scores [K]) в порядке выбора.
    """
    scores = scores.clone()
    left = torch.arange(len(scores))
    kept = []
    while len(left) and scores[left].max() >= min_score:
        at = scores[left].argmax()
        best, left = left[at], torch.cat([left[:at], left[at + 1 :]])
        kept.append(best)
        scores[left] *= torch.exp(-(iou(boxes[best], boxes[left]) ** 2) / sigma)
    idx = torch.stack(kept) if kept else left[:0]
    return idx, scores[idx]
