"""The end of a hypothesis is a token like any other."""

import torch


def beam_search(step_fn, bos, eos, beam, max_len, alpha=0.0):
    kept = [(0.0, [])]
    for _ in range(max_len):
        rows = step_fn(torch.tensor([[bos, *tokens] for _, tokens in kept])).tolist()
        grown = []
        for (total, tokens), row in zip(kept, rows):
            grown += [(total + logp, [*tokens, v]) for v, logp in enumerate(row)]
        kept = sorted(grown, reverse=True)[:beam]
    return sorted(
        ((total / len(tokens) ** alpha, tokens) for total, tokens in kept), reverse=True
    )
