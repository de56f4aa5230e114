"""Models that know the step and two tokens, drawn until no choice is a near tie."""

from __future__ import annotations

from itertools import pairwise

from exercises.authoring import Case, Cases, Generator, Tensor, check, normal, probe

GAP = 1e-5  # relative; a sum in float32 is off by less


def model(
    g: Generator, steps: int, v: int, eos: int, ending: float, shift: float
) -> Tensor:
    """Log-probabilities [T, V, V, V]; ``ending`` is added to the logits of eos."""
    logits = 1.5 * normal(g, steps, v, v, v)
    logits[..., eos] += ending
    return logits.log_softmax(dim=-1) + shift


def apart(sums: list[float]) -> bool:
    return all(one - other > GAP * abs(other) for one, other in pairwise(sums))


def decided(
    table: Tensor, bos: int, eos: int, beam: int, max_len: int, alpha: float
) -> bool:
    """Whether rounding can change neither who stays in the beam nor the order."""
    rows, kept = table.tolist(), [(0.0, (bos, bos))]
    for step in range(max_len):
        candidates = [one for one in kept if one[1][2:] and one[1][-1] == eos]
        for total, tokens in kept:
            if (total, tokens) not in candidates:
                row = rows[step][tokens[-2]][tokens[-1]]
                candidates += [(total + p, (*tokens, v)) for v, p in enumerate(row)]
        candidates.sort(reverse=True)
        if not apart([total for total, _ in candidates[beam - 1 : beam + 1]]):
            return False
        kept = candidates[:beam]
    lengths = (len(tokens) - 2 for _, tokens in kept)
    scores = [s / n**alpha for (s, _), n in zip(kept, lengths, strict=True)]
    return apart(sorted(scores, reverse=True))


def search(
    g: Generator,
    v: int,
    beam: int,
    max_len: int,
    alpha: float = 0.0,
    ending: float = 0.0,
    shift: float = 0.0,
    show: tuple[str, ...] = ("scores", "tokens"),
) -> Case:
    bos, eos = v - 2, v - 1
    sizes = {"bos": bos, "eos": eos, "beam": beam, "max_len": max_len, "alpha": alpha}
    table = model(g, max_len, v, eos, ending, shift)
    while not decided(table, **sizes):
        table = model(g, max_len, v, eos, ending, shift)
    return probe(table=table, show=show, **sizes).within(rel=1e-5)


@check("greedy")
def greedy(g: Generator) -> Cases:
    for v, max_len in ((5, 6), (9, 1), (3, 12), (7, 10)):
        yield search(g, v, 1, max_len)


@check("beam")
def beam(g: Generator) -> Cases:
    for v, width, max_len in ((5, 2, 6), (4, 3, 5), (8, 5, 9), (3, 7, 10)):
        yield search(g, v, width, max_len)


@check("everything")
def everything(g: Generator) -> Cases:
    for v, max_len, alpha in ((3, 4, 0.0), (4, 3, 0.5)):
        yield search(g, v, 300, max_len, alpha)


@check("length")
def length(g: Generator) -> Cases:
    for v, width, alpha in ((5, 3, 1.0), (6, 4, 0.7), (4, 5, 1.3), (7, 4, 1.0)):
        yield search(g, v, width, 10, alpha, ending=0.5)


@check("open_end")
def open_end(g: Generator) -> Cases:
    for v, width in ((4, 3), (6, 2)):
        yield search(g, v, width, 5, 0.5, ending=-60.0)


@check("long")
def long(g: Generator) -> Cases:
    yield search(g, 5, 2, 45, ending=-2000.0, shift=-20.0, show=("scores",))


@check("calls")
def calls(g: Generator) -> Cases:
    for width, ending in ((3, -60.0), (2, 3.0)):  # all steps; few, for all end
        show = ("scores", "tokens", "calls")
        yield search(g, 5, width, 20, ending=ending, show=show)
