"""Small cases of Dropout.

Which entries are dropped is the layer's own draw. So with 0 < p < 1 a probe asks by what the
entries were multiplied, in words that depend on no single draw.
"""

from functools import partial

import numpy as np

from autograder.layers import Probe, single

FEW, MANY = (3, 4), (5, 6)


def case(p, mode, shape):
    """A probe in which no draw decides: p is 0 or 1, or the layer is in evaluation."""
    title = f"Dropout({p}){' in evaluation' if mode == 'eval' else ''}, x of shape {shape}"
    return Probe("Dropout", title, partial(certain, p, mode, shape))


def certain(p, mode, shape, scene):
    x, grad_out = scene.rng.standard_normal((2, *shape))
    layer = scene.student.dropout.Dropout(p, rng=scene.worker.generator(2))
    getattr(layer, mode)()
    stays = 0.0 if p == 1 and mode == "train" else 1.0
    scene.parity("output", layer.forward(x), stays * x)
    scene.parity("gradient of the input", layer.backward(grad_out), stays * grad_out)


def drawn(p, factor, shape=FEW, *, arguments=None):
    """A probe of by what entries are multiplied with this p."""
    given = (p,) if arguments is None else arguments
    what = ", ".join(map(str, given))
    title = f"Dropout({what}), x of shape {shape}"
    return Probe("Dropout", title, partial(random, given, factor, shape))


def random(arguments, factor, shape, scene):
    x, grad_out = scene.rng.standard_normal((2, *shape))
    layer = scene.student.dropout.Dropout(*arguments, rng=scene.worker.generator(3))
    output = scene.parity.array("output", layer.forward(x), shape)
    told(scene.parity, "output", output, x, factor)
    grad = scene.parity.array("gradient of the input", layer.backward(grad_out), shape)
    told(scene.parity, "gradient of the input", grad, grad_out, factor)
    if not scene.parity.evidence:
        same = np.array_equal(output == 0, grad == 0)
        nowhere = (output == 0).any() and not (grad == 0).any()
        message = "the gradient is zero at other places than the output"
        message = "the gradient is zero nowhere, the output is" if nowhere else message
        scene.parity.holds("places of zeros", same, message)


def told(parity, label, got, x, factor):
    """Which factors there are. Whether 0 is among them is chance where entries are few."""
    with np.errstate(all="ignore"):
        ratios = np.unique(np.round(got / x, 4) + 0.0)
    found = [f"{ratio:g}" for ratio in ratios if ratio != 0]
    words = " or ".join(["0", *found]) if len(found) < 3 else "many different numbers"
    expected = f"0 or {factor}"
    message = f"{label}: the entries were multiplied by {words}, expected {expected}"
    parity.holds(label, words == expected, message)


def share(p, expected):
    title = f"Dropout({p}), x of shape (8, 8): how many entries stay"
    return Probe("Dropout", title, partial(counts, p, expected))


def counts(p, expected, scene):
    x = scene.rng.standard_normal((8, 8))
    layer = scene.student.dropout.Dropout(p, rng=scene.worker.generator(4))
    output = scene.parity.array("output", layer.forward(x), (8, 8))
    found = "more" if np.count_nonzero(output) > 32 else "fewer"
    message = f"{found} than half of the entries stay, expected {expected} with p = {p}"
    scene.parity.holds("share", found == expected, message)


def modes(shape):
    """A probe of evaluation after training, and of training after evaluation."""
    title = f"Dropout(0.5), x of shape {shape}, trained, evaluated, trained"
    return Probe("Dropout", title, partial(changes_modes, shape))


def changes_modes(shape, scene):
    x, grad_out = scene.rng.standard_normal((2, *shape))
    layer = scene.student.dropout.Dropout(0.5, rng=scene.worker.generator(5))
    layer.forward(x)
    layer.eval()
    scene.parity("output in evaluation", layer.forward(x), x)
    scene.parity("gradient in evaluation", layer.backward(grad_out), grad_out)
    layer.train()
    label = "gradient of a forward in evaluation"
    scene.parity(label, layer.backward(grad_out), grad_out)
    output = scene.parity.array("output", layer.forward(x), shape)
    told(scene.parity, "output", output, x, "2")


def draws(shape):
    """A probe of the generator: which draws are equal, and which aren't."""
    title = f"Dropout(0.5), x of ones, shape {shape}: draws"
    return Probe("Dropout", title, partial(repeats, shape))


def repeats(shape, scene):
    x, make = np.ones(shape), scene.student.dropout.Dropout
    layers = [make(0.5, rng=scene.worker.generator(seed)) for seed in (6, 6, 7)]
    layers += [make(0.5) for _ in range(4)]  # two that drop whole rows may do so alike
    masks = [scene.parity.array("output", one.forward(x), shape) != 0 for one in layers]
    one, alike, another, fresh, *others = masks
    equal, holds = np.array_equal, scene.parity.holds
    holds("equal seeds", equal(one, alike), "equally seeded layers drop different entries")
    holds("other seeds", not equal(one, another), "every seed gives the same mask")
    same = all(equal(fresh, other) for other in others)
    holds("without rng", not same, "without an rng, every layer drops the same")
    if scene.parity.evidence:  # then what is drawn is another each time
        return
    again = scene.parity.array("output", layers[0].forward(x), shape) != 0
    fresh = not equal(one, again)
    holds("a fresh mask", fresh, "the second call drops the same entries")
    outputs = [scene.parity.array("output", layers[0].forward(x), shape) for _ in range(6)]
    varies = not fresh or len({np.count_nonzero(output) for output in outputs}) > 1
    message = "six calls drop equally many entries: draw each entry on its own"
    holds("a number that varies", varies, message)
    where = [axis for axis in range(x.ndim) if (one == one.take([0], axis)).all()]
    message = f"all along axis {where} the same is dropped: each entry is drawn by itself"
    holds("independence", not where, message)


def float32(p, mode):
    """A probe of dtypes alone: right or wrong, float32 stays float32."""
    title = f"Dropout({p}){' in evaluation' if mode == 'eval' else ''}, float32 x"
    return Probe("Dropout", title, partial(dtypes, p, mode))


def dtypes(p, mode, scene):
    x = scene.rng.standard_normal(FEW).astype(np.float32)
    layer = scene.student.dropout.Dropout(p, rng=scene.worker.generator(2))
    getattr(layer, mode)()
    kept = scene.worker.keep(x)
    output = layer.forward(kept)
    unchanged = np.array_equal(scene.worker.fetch(kept), x)
    message = "forward changes the array that it is given"
    scene.parity.holds("the input, after forward", unchanged, message)
    single(scene.parity, "dtype of the output", output)
    grad = layer.backward(x)
    single(scene.parity, "dtype of the gradient", grad)


def zeros(shape):
    """A probe of inputs of 0, which show nothing of what was dropped."""
    title = f"Dropout(1.0), x of zeros, shape {shape}"
    return Probe("Dropout", title, partial(drops_zeros, shape))


def drops_zeros(shape, scene):
    layer = scene.student.dropout.Dropout(1.0, rng=scene.worker.generator(2))
    scene.parity("output for zeros", layer.forward(np.zeros(shape)), np.zeros(shape))
    got = layer.backward(scene.rng.standard_normal(shape))
    scene.parity("gradient where the input is 0", got, np.zeros(shape))


def wrong_gradient(mode, shape):
    when = " in evaluation" if mode == "eval" else ""
    title = f"Dropout(0.5){when}, x of shape (2, 3), a grad_out of shape {shape} is an error"
    return Probe("Dropout", title, partial(refuses_gradient, mode, shape))


def refuses_gradient(mode, shape, scene):
    layer = scene.student.dropout.Dropout(0.5)
    getattr(layer, mode)()
    layer.forward(np.ones((2, 3)))
    call = partial(layer.backward, np.ones(shape))
    scene.parity.refuses("a grad_out of another shape", call)


def refusal(p):
    return Probe("Dropout", f"Dropout({p}) is an error", partial(refuses, p))


def refuses(p, scene):
    scene.parity.refuses(f"p = {p}", partial(scene.student.dropout.Dropout, p))


PROBES = [
    case(0.0, "train", (1,)),
    case(0.0, "train", (2, 3)),
    case(1.0, "train", (1,)),
    case(1.0, "train", (2, 3)),
    case(0.5, "eval", (1,)),
    case(0.75, "eval", (2, 3)),
    case(1.0, "eval", (2,)),
    zeros((3,)),
    zeros((2, 3)),
    drawn(0.5, "2"),
    drawn(0.4, "1.6667"),
    drawn(0.6, "2.5", MANY),
    drawn(0.5, "2", MANY, arguments=()),
    share(0.1, "more"),
    share(0.9, "fewer"),
    modes(FEW),
    modes(MANY),
    draws((6, 10)),
    draws((4, 4, 4)),
    float32(0.5, "train"),
    float32(0.0, "train"),
    float32(1.0, "train"),
    float32(0.5, "eval"),
    wrong_gradient("train", (1, 3)),
    wrong_gradient("train", (3,)),
    wrong_gradient("eval", (1, 3)),
    wrong_gradient("eval", (2, 1)),
    refusal(-0.5),
    refusal(1.5),
]
