"""Tensors of fixed width; a finished hypothesis goes on with a padding at no cost."""

import torch


def beam_search(step_fn, bos, eos, beam, max_len, alpha=0.0):
    prefixes = torch.tensor([[bos]])
    sums = torch.zeros(1)
    done = torch.zeros(1, dtype=torch.bool)
    lengths = torch.zeros(1)
    for _ in range(max_len):
        if done.all():
            break
        fresh = step_fn(prefixes[~done])
        logp = torch.full((len(done), fresh.shape[1]), -torch.inf)
        logp[~done] = fresh
        logp[done, 0] = 0.0  # the one continuation that stands for itself
        total = (sums[:, None] + logp).flatten()
        sums, at = total.topk(min(beam, int(total.isfinite().sum())))
        parent, token = at // logp.shape[1], at % logp.shape[1]
        lengths = lengths[parent] + ~done[parent]
        prefixes = torch.cat([prefixes[parent], token[:, None]], dim=1)
        done = done[parent] | (token == eos)
    scores = sums / lengths**alpha
    return [
        (float(scores[i]), prefixes[i, 1 : 1 + int(lengths[i])].tolist())
        for i in scores.argsort(descending=True)
    ]
