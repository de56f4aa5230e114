import torch
from torch import Tensor


def confusion(pred: Tensor, target: Tensor, C: int, ignore: int = 255) -> Tensor:
    """Матрица ошибок по всем пикселям всех картинок.

    pred, target: [B, H, W], int64; пиксели с target == ignore не учитываются.

    Возвращает [C, C], int64: в строке — верный класс, в столбце — прогноз.
    """
    raise NotImplementedError


def miou(cm: Tensor) -> float:
    """Среднее IoU по классам, которые есть в разметке или в прогнозе.

    cm: [C, C], матрица ошибок. Возвращает число float.
    """
    raise NotImplementedError


def soft_dice_loss(
    logits: Tensor, target: Tensor, C: int, ignore: int = 255, smooth: float = 1.0
) -> Tensor:
    """Мягкая потеря Dice: 1 минус среднее по классам.

    logits: [B, C, H, W]; target: [B, H, W], int64; суммы берутся по всему батчу.

    Возвращает скаляр.
    """
    raise NotImplementedError
