import heapq
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
    hypotheses: list[tuple[float, list[int]]] = [(0.0, [])]
    for _ in range(max_len):
        ended = [one for one in hypotheses if one[1][-1:] == [eos]]
        alive = [one for one in hypotheses if one[1][-1:] != [eos]]
        if not alive:
            break
        rows = step_fn(torch.tensor([[bos, *tokens] for _, tokens in alive]))
        grown = [
            (total + logp, [*tokens, token])
            for (total, tokens), row in zip(alive, rows.tolist(), strict=True)
            for token, logp in enumerate(row)
        ]
        hypotheses = heapq.nlargest(beam, ended + grown)
    scored = [(total / len(tokens) ** alpha, tokens) for total, tokens in hypotheses]
    return sorted(scored, reverse=True)
