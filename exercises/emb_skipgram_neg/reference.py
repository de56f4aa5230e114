from torch import Tensor
from torch.nn.functional import softplus


def noise_dist(counts: Tensor, power: float = 0.75) -> Tensor:
    """Распределение шума: частоты в степени power, приведённые к сумме 1.

    counts: [V], число вхождений каждого слова. Возвращает [V], float.
    """
    weights = counts.float() ** power
    return weights / weights.sum()


def sgns_loss(
    w_in: Tensor, w_out: Tensor, center: Tensor, pos: Tensor, neg: Tensor
) -> Tensor:
    """Потеря Skip-Gram с негативным сэмплированием.

    w_in, w_out: [V, d], векторы слов как центров и как контекстов.
    center, pos: [B], int64; neg: [B, K], int64.

    Возвращает скаляр: среднее по B, по K негативным словам — сумма.
    """
    v = w_in[center]
    of_pos = (v * w_out[pos]).sum(dim=-1)
    of_neg = (v[:, None] * w_out[neg]).sum(dim=-1)
    losses = softplus(-of_pos) + softplus(of_neg).sum(dim=-1)
    return losses.mean()
