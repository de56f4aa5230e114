"""Each block's own attention; blocks are weighed by their log-sum-exp."""

import torch


def flash_attention(q, k, v, block_q=64, block_k=64, causal=False):
    length, d = q.shape[2:]
    done = []
    for start in range(0, length, block_q):
        end = min(start + block_q, length)
        rows = torch.arange(start, end)
        out = torch.zeros_like(q[:, :, start:end])
        mass = torch.full_like(out[..., 0], -torch.inf)
        for first in range(0, end if causal else length, block_k):
            last = min(first + block_k, length)
            scores = torch.einsum(
                "bhid,bhjd->bhij", q[:, :, start:end], k[:, :, first:last]
            )
            scores = scores * d**-0.5
            if causal:
                future = torch.arange(first, last) > rows.unsqueeze(1)
                # Not -inf: a row that is closed in this block would become NaN.
                scores = torch.where(future, scores.new_tensor(-1e30), scores)
            block_mass = torch.logsumexp(scores, dim=-1)
            block_out = torch.softmax(scores, dim=-1) @ v[:, :, first:last]
            both = torch.logaddexp(mass, block_mass)
            old, new = (mass - both).exp(), (block_mass - both).exp()
            out = old.unsqueeze(-1) * out + new.unsqueeze(-1) * block_out
            mass = both
        done.append(out)
    return torch.cat(done, 2)
