"""Probabilities are multiplied."""

import math

import torch


def beam_search(step_fn, bos, eos, beam, max_len, alpha=0.0):
    kept = [(1.0, [])]
    for _ in range(max_len):
        ended = [one for one in kept if one[1] and one[1][-1] == eos]
        alive = [one for one in kept if one not in ended]
        if not alive:
            break
        rows = step_fn(torch.tensor([[bos, *tokens] for _, tokens in alive])).tolist()
        grown = []
        for (total, tokens), row in zip(alive, rows):
            grown += [
                (total * math.exp(logp), [*tokens, v]) for v, logp in enumerate(row)
            ]
        kept = sorted(ended + grown, reverse=True)[:beam]
    logs = [(math.log(p) if p else -math.inf, tokens) for p, tokens in kept]
    return sorted(
        ((total / len(tokens) ** alpha, tokens) for total, tokens in logs), reverse=True
    )
