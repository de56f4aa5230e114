"""Two to five classes, one of them absent; a third of the pixels without a label."""

from exercises.authoring import (
    Cases,
    Generator,
    call,
    check,
    integers,
    normal,
    strided,
    uniform,
)

IGNORE = 255


@check("confusion")
def confusion(g: Generator) -> Cases:
    for b, h, w, c in ((1, 3, 5, 2), (3, 4, 1, 5)):
        pred, target = (strided(integers(g, 0, c, b, h, w)) for _ in "pt")
        yield call("confusion", pred, target, c)


@check("ignored")
def ignored(g: Generator) -> Cases:
    for label in (IGNORE, -1):
        pred, target = (integers(g, 0, 4, 2, 6, 5) for _ in "pt")
        target[uniform(g, 2, 6, 5) < 0.3] = label
        yield call("confusion", pred, target, 5, label)


@check("miou")
def miou(g: Generator) -> Cases:
    for size, absent in ((2, None), (5, 3), (4, 0)):
        cm = integers(g, 1, 50, size, size)
        if absent is not None:
            cm[absent] = cm[:, absent] = 0
        yield call("miou", cm).within(rel=1e-5)  # in whichever precision


@check("dice")
def dice(g: Generator) -> Cases:
    for b, c, h, w in ((1, 2, 3, 4), (3, 4, 5, 2)):
        target = integers(g, 0, c, b, h, w)
        target[uniform(g, b, h, w) < 0.3] = IGNORE
        yield call("soft_dice_loss", 2 * normal(g, b, c, h, w), target, c, grad_of=(0,))


@check("speed")
def speed(g: Generator) -> Cases:
    pred, target = (integers(g, 0, 19, 8, 256, 256) for _ in "pt")
    yield call("confusion", pred, target, 19).no_slower_than(30)
