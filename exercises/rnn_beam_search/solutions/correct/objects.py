"""Hypotheses as objects in a sorted list; the weakest of the beam is thrown out."""

import bisect
from dataclasses import dataclass, field

import torch


@dataclass(order=True)
class Hypothesis:
    total: float
    tokens: list = field(compare=False)
    ended: bool = field(compare=False, default=False)


def beam_search(step_fn, bos, eos, beam, max_len, alpha=0.0):
    kept = [Hypothesis(0.0, [bos])]
    for _ in range(max_len):
        alive = [one for one in kept if not one.ended]
        if not alive:
            break
        best = sorted(one for one in kept if one.ended)
        logp = step_fn(torch.stack([torch.tensor(one.tokens) for one in alive]))
        for one, row in zip(alive, logp):
            for token in range(len(row)):
                total = one.total + row[token].item()
                new = Hypothesis(total, [*one.tokens, token], token == eos)
                bisect.insort(best, new)
                del best[:-beam]
        kept = best
    answer = []
    for one in kept:
        tokens = one.tokens[1:]
        answer.append((one.total / len(tokens) ** alpha, tokens))
    return sorted(answer, key=lambda pair: -pair[0])
