"""Of each hypothesis only the best continuation is a candidate."""

import torch


def beam_search(step_fn, bos, eos, beam, max_len, alpha=0.0):
    kept = [(0.0, [])]
    for _ in range(max_len):
        ended = [one for one in kept if one[1] and one[1][-1] == eos]
        alive = [one for one in kept if one not in ended]
        if not alive:
            break
        rows = step_fn(torch.tensor([[bos, *tokens] for _, tokens in alive])).tolist()
        grown = []
        for (total, tokens), row in zip(alive, rows):
            one = [(total + logp, [*tokens, v]) for v, logp in enumerate(row)]
            grown += sorted(one, reverse=True)[: 1 if tokens else beam]
        kept = sorted(ended + grown, reverse=True)[:beam]
    return sorted(
        ((total / len(tokens) ** alpha, tokens) for total, tokens in kept), reverse=True
    )
