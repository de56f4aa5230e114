"""Counts scattered by index, classes one by one."""

import torch


def confusion(pred, target, C, ignore=255):
    cm = torch.zeros(C, C, dtype=torch.int64)
    kept = target.ne(ignore)
    rows, columns = target[kept], pred[kept]
    return cm.index_put_((rows, columns), torch.ones_like(rows), accumulate=True)


def miou(cm):
    scores = []
    for c in range(len(cm)):
        union = int(cm[c].sum() + cm[:, c].sum() - cm[c, c])
        if union:
            scores.append(int(cm[c, c]) / union)
    return sum(scores) / len(scores)


def soft_dice_loss(logits, target, C, ignore=255, smooth=1.0):
    flat, labels = logits.movedim(1, -1).reshape(-1, C), target.reshape(-1)
    flat, labels = flat[labels != ignore], labels[labels != ignore]
    probs = torch.softmax(flat, dim=-1)
    truth = torch.eye(C, dtype=probs.dtype)[labels]
    score = (2 * (probs * truth).sum(0) + smooth) / ((probs + truth).sum(0) + smooth)
    return 1 - score.mean()
