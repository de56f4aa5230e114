from torch import Tensor


def aggregate(msg: Tensor, dst: Tensor, n: int, reduce: str) -> Tensor:
    """Собирает сообщения рёбер в вершинах.

    msg: [E, d]; dst: [E], int64 — куда входит ребро; n — число вершин.
    reduce: "sum", "mean" или "max".

    Возвращает [n, d]; вершины без входящих рёбер получают нули.
    """
    raise NotImplementedError


def sage(
    x: Tensor, edge_index: Tensor, w_self: Tensor, w_neigh: Tensor, reduce: str
) -> Tensor:
    """Слой, который складывает вершину и собранное от её соседей.

    x: [n, d]; edge_index: [2, E], строка 0 — откуда, строка 1 — куда.
    w_self, w_neigh: [d, m]; reduce — как у aggregate.

    Возвращает [n, m].
    """
    raise NotImplementedError
