import torch
from torch import Tensor


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
) -> Tensor:
    """Средняя кросс-энтропия по логитам.

    logits: [B, C], float.
    target: [B], int64, номера классов; объекты с номером ignore_index не учитываются.
    label_smoothing: доля массы ε, которая делится поровну между всеми C классами.

    Возвращает скаляр: среднее по учитываемым объектам.
    """
    raise NotImplementedError
