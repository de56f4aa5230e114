from collections.abc import Callable

import torch
from torch import Tensor

StepFn = Callable[[Tensor], Tensor]


def beam_search(
    step_fn: StepFn, bos: int, eos: int, beam: int, max_len: int, alpha: float = 0.0
) -> list[tuple[float, list[int]]]:
    """Лучевой поиск самых вероятных строк.

    step_fn: prefixes [N, t], int64 -> logp [N, V], float32; prefixes начинаются с bos.
    bos, eos — номера токенов начала и конца; beam — ширина луча;
    max_len — наибольшее число порождённых токенов; alpha — степень длины в оценке.

    Возвращает не больше beam пар (оценка, токены) по убыванию оценки;
    токены — список int без bos, но с eos, если гипотеза закончена.
    """
    raise NotImplementedError
