import torch
from torch import Tensor


def confusion(pred: Tensor, target: Tensor, C: int, ignore: int = 255) -> Tensor:
    """Матрица ошибок по всем пикселям всех картинок.

    pred, target: [B, H, W], int64; пиксели с target == ignore не учитываются.

    Возвращает [C, C], int64: в строке — верный класс, в столбце — прогноз.
    """
    kept = target != ignore
    pairs = target[kept] * C + pred[kept]
    return torch.bincount(pairs, minlength=C * C).reshape(C, C)


def miou(cm: Tensor) -> float:
    """Среднее IoU по классам, которые есть в разметке или в прогнозе.

    cm: [C, C], матрица ошибок. Возвращает число float.
    """
    hits = cm.diagonal()
    union = cm.sum(dim=0) + cm.sum(dim=1) - hits
    present = union > 0
    return (hits[present].double() / union[present]).mean().item()


def soft_dice_loss(
    logits: Tensor, target: Tensor, C: int, ignore: int = 255, smooth: float = 1.0
) -> Tensor:
    """Мягкая потеря Dice: 1 минус среднее по классам.

    logits: [B, C, H, W]; target: [B, H, W], int64; суммы берутся по всему батчу.

    Возвращает скаляр.
    """
    kept = (target != ignore)[:, None]
    probs = logits.softmax(dim=1) * kept
    labels = torch.where(target == ignore, 0, target)
    truth = torch.nn.functional.one_hot(labels, C).movedim(-1, 1) * kept
    overlap = (probs * truth).sum(dim=(0, 2, 3))
    total = probs.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    return 1 - ((2 * overlap + smooth) / (total + smooth)).mean()
