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
    kept = target != ignore_index
    logits, target = logits[kept], target[kept]
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    of_target = log_probs.gather(1, target[:, None]).squeeze(1)
    losses = (1 - label_smoothing) * of_target + label_smoothing * log_probs.mean(dim=1)
    return -losses.mean()
