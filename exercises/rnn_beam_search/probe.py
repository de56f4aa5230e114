"""Search under a model whose next token depends on the step and the last two."""

import torch


def run(solution, inputs):
    """``table``: [T, V, V, V], logp of a token; ``show`` names what is returned."""
    bos, calls = inputs["bos"], []

    def step_fn(prefixes):
        calls.append(len(prefixes))
        padded = torch.nn.functional.pad(prefixes, (1, 0), value=bos)
        step = prefixes.shape[1] - 1
        return inputs["table"][step, padded[:, -2], padded[:, -1]]

    sizes = inputs["beam"], inputs["max_len"], inputs["alpha"]
    answer = solution.beam_search(step_fn, bos, inputs["eos"], *sizes)
    found = {**parts(answer), "calls": len(calls)}
    return {name: found[name] for name in inputs["show"]}


def parts(answer):
    """Scores and tokens as tensors; an odd answer as it is, to be told as such."""
    try:
        scores = [float(score) for score, _ in answer]
        tokens = [[int(token) for token in tokens] for _, tokens in answer]
    except (TypeError, ValueError):
        return {"scores": answer, "tokens": answer}
    return {
        "scores": torch.tensor(scores, dtype=torch.float64),
        "tokens": [torch.tensor(one, dtype=torch.int64) for one in tokens],
    }
