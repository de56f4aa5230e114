import torch
from torch import Tensor


def aggregate(msg: Tensor, dst: Tensor, n: int, reduce: str) -> Tensor:
    """Собирает сообщения рёбер в вершинах.

    msg: [E, d]; dst: [E], int64 — куда входит ребро; n — число вершин.
    reduce: "sum", "mean" или "max".

    Возвращает [n, d]; вершины без входящих рёбер получают нули.
    """
    zeros = msg.new_zeros(n, msg.shape[1])
    if reduce == "max":
        # include_self=False: zeros stay only where nothing arrives.
        index = dst[:, None].expand_as(msg)
        return zeros.scatter_reduce(0, index, msg, "amax", include_self=False)
    total = zeros.index_add(0, dst, msg)
    if reduce == "sum":
        return total
    degree = torch.bincount(dst, minlength=n).clamp(min=1)
    return total / degree[:, None].to(msg.dtype)


def sage(
    x: Tensor, edge_index: Tensor, w_self: Tensor, w_neigh: Tensor, reduce: str
) -> Tensor:
    """Слой, который складывает вершину и собранное от её соседей.

    x: [n, d]; edge_index: [2, E], строка 0 — откуда, строка 1 — куда.
    w_self, w_neigh: [d, m]; reduce — как у aggregate.

    Возвращает [n, m].
    """
    source, target = edge_index
    gathered = aggregate(x[source], target, x.shape[0], reduce)
    return x @ w_self + gathered @ w_neigh
