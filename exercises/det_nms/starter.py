from torch import Tensor


def nms(boxes: Tensor, scores: Tensor, thr: float) -> Tensor:
    """Подавление немаксимумов.

    boxes: [N, 4] — x1, y1, x2, y2; scores: [N]; thr — порог IoU.

    Возвращает idx [K], int64: номера оставленных рамок по убыванию оценки.
    """
    raise NotImplementedError


def batched_nms(boxes: Tensor, scores: Tensor, labels: Tensor, thr: float) -> Tensor:
    """То же, но рамки разных классов друг друга не подавляют.

    boxes: [N, 4]; scores: [N]; labels: [N], int64; thr — порог IoU.

    Возвращает idx [K], int64, по убыванию оценки.
    """
    raise NotImplementedError


def soft_nms(
    boxes: Tensor, scores: Tensor, sigma: float, min_score: float
) -> tuple[Tensor, Tensor]:
    """Мягкое подавление с гауссовым ослаблением оценок.

    boxes: [N, 4]; scores: [N]; sigma — ширина; min_score — порог остановки.

    Возвращает (idx [K], int64; new_scores [K]) в порядке выбора.
    """
    raise NotImplementedError
