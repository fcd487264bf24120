"""Dropout: which entries it drops, what becomes of the others, and their gradients.

Which entries are dropped is the layer's own draw, so these checks don't compare with an array:
they ask by what each entry was multiplied.
"""

from functools import partial

import numpy as np
import pytest

SHAPE = (100, 80)
KEPT = "1.4286"  # 1 / (1 - p), with p = 0.3
### BEGIN HIDDEN TESTS
LARGE = (400, 500)  # so many numbers that trying each of them out takes minutes
### END HIDDEN TESTS


def factors(got, x):
    """By what the entries of x were multiplied, in words that depend on no single draw."""
    if not x.size:
        return "no number, there are none"
    with np.errstate(all="ignore"):
        ratios = np.unique(np.round(got / x, 4) + 0.0)
    if len(ratios) > 2:
        return "many different numbers"
    return " or ".join(f"{ratio:g}" for ratio in ratios)


PATTERN = "there is a pattern in what is dropped: draw each entry by itself, in every call"


def no_pattern(stays):
    """Whether entries at any distance from each other agree no more often than chance has it.

    That is their correlation for every shift of the array along its axes, going round at the end:
    the inverse transform of the power spectrum. One in ten million random masks has a pattern.
    """
    deviation = stays - stays.mean()
    power = np.abs(np.fft.fftn(deviation)) ** 2
    correlation = np.fft.ifftn(power).real.ravel()
    return np.abs(correlation[1:]).max() < 7 / np.sqrt(stays.size) * correlation[0]


@pytest.fixture
def multiplied(parity):
    """`multiplied("x", got, x, by="1")`: got is x with every entry multiplied by 1.

    Returns it as an array.
    """

    def compare(label, got, x, by):
        values = parity.array(label, got, x.shape)
        found = factors(values, x)
        message = f"{label}: the entries were multiplied by {found}, expected {by}"
        parity.holds(label, found == by, message)
        return values

    return compare


@pytest.fixture
def layer(student, worker, rng):
    """Makes layers: `layer(0.3)` draws from a generator in the worker, with a seed or a new one."""

    def make(p, seed=None):
        seed = int(rng.integers(1 << 31)) if seed is None else seed
        return student.dropout.Dropout(p, rng=worker.generator(seed))

    return make


@pytest.mark.check(weight=3)
def test_dropout_forward(layer, rng, parity, multiplied):
    """Dropout: which entries stay, and how they are scaled"""
    x = rng.standard_normal(SHAPE)
    values = multiplied("output", layer(0.3).forward(x), x, by=f"0 or {KEPT}")
    stays = values != 0
    parity("what stays, to the last digit", values[stays], x[stays] / 0.7)
    share = round(10 * float(stays.mean()))
    parity.holds("share", share == 7, f"about {share} of 10 entries stay, expected 7 with p = 0.3")
    parity.holds("independence", no_pattern(stays), PATTERN)


@pytest.mark.check(weight=2, needs="test_dropout_forward")
def test_dropout_backward(layer, rng, parity, multiplied):
    """Dropout: gradient of the input, through the mask of forward"""
    x, grad_out = rng.standard_normal((2, *SHAPE))
    instance = layer(0.3)
    output, grad = instance.forward(x), instance.backward(grad_out)
    stays = same_mask(output, grad, grad_out, parity, multiplied)
    got = parity.array("gradient of the input", grad, SHAPE)[stays]
    parity("gradient where they stayed, to the last digit", got, grad_out[stays] / 0.7)


def same_mask(output, grad, grad_out, parity, multiplied):
    """The gradient goes where the values went; returns where that is."""
    stays = parity.array("output", output, grad_out.shape) != 0
    grad = parity.array("gradient of the input", grad, grad_out.shape)
    multiplied("gradient where entries were dropped", grad[~stays], grad_out[~stays], by="0")
    multiplied("gradient where they stayed", grad[stays], grad_out[stays], by=KEPT)
    return stays


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2, needs="test_dropout_forward")
def test_dropout_eval(layer, rng, parity, multiplied):
    """Dropout: evaluation after training is the identity, and training goes on after it"""
    first, second, grad_out = rng.standard_normal((3, *SHAPE))
    instance = layer(0.3)
    instance.forward(first)
    instance.eval()
    multiplied("output in evaluation", instance.forward(second), second, by="1")
    multiplied("gradient in evaluation", instance.backward(grad_out), grad_out, by="1")
    instance.train()  # the gradient belongs to the forward, whatever the mode is by then
    grad = instance.backward(grad_out)
    multiplied("gradient of a forward in evaluation", grad, grad_out, by="1")
    output = instance.forward(first)
    multiplied("output in training again", output, first, by=f"0 or {KEPT}")
    instance.eval()
    same_mask(output, instance.backward(grad_out), grad_out, parity, multiplied)
    instance.train()
    instance.forward(np.zeros(SHAPE))  # of which nobody sees what was dropped
    grad = instance.backward(grad_out)
    multiplied("gradient where the input is 0", grad, grad_out, by=f"0 or {KEPT}")


@pytest.mark.check(weight=2, needs="test_dropout_forward")
def test_dropout_p(student, layer, rng, parity, multiplied):
    """Dropout: nothing is dropped with p = 0, everything with p = 1, half of it by default"""
    x, grad_out = rng.standard_normal((2, *SHAPE))
    default = student.dropout.Dropout()
    for p, instance, by in (
        ("0", layer(0.0), "1"),
        ("1", layer(1.0), "0"),
        ("", default, "0 or 2"),
    ):
        when = f"with p = {p}" if p else "without arguments"
        multiplied(f"output {when}", instance.forward(x), x, by=by)
        grad = instance.backward(grad_out)
        multiplied(f"gradient of the input {when}", grad, grad_out, by=by)
    for p in (-0.1, 1.1):
        parity.refuses(f"p = {p}", partial(student.dropout.Dropout, p))


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_seeded(student, layer, rng, parity):
    """Dropout: the mask depends on the generator alone, a fresh one if none is given"""
    x, (seed, other) = rng.standard_normal(SHAPE), rng.integers(1 << 31, size=2).tolist()
    layers = [layer(0.3, s) for s in (seed, seed, other)]
    layers += [student.dropout.Dropout() for _ in range(2)]
    outputs = [parity.array("output", one.forward(x), SHAPE) for one in layers]
    one, same, different, *fresh = outputs
    equal = np.array_equal
    parity.holds("equal seeds", equal(one, same), "equally seeded layers drop different entries")
    parity.holds("other seeds", not equal(one, different), "every seed gives the same mask")
    parity.holds("without rng", not equal(*fresh), "without an rng, every layer drops the same")


@pytest.mark.check(weight=2, needs="test_dropout_forward")
def test_dropout_second_call(layer, rng, parity, multiplied):
    """Dropout: a fresh mask for every call, and for every layer its own"""
    x = rng.standard_normal(SHAPE)
    instance = layer(0.3)
    outputs = [parity.array("output", instance.forward(x), SHAPE) for _ in range(6)]
    fresh = not np.array_equal(*outputs[:2])
    parity.holds("a fresh mask", fresh, "the second call drops the same entries")
    message = "six calls drop equally many entries: draw each entry on its own"
    varies = len({np.count_nonzero(output) for output in outputs}) > 1
    parity.holds("a number that varies", varies, message)
    parity.holds("independent calls", no_pattern(np.stack(outputs) != 0), PATTERN)
    smaller, gradient = rng.standard_normal((2, 30, 40, 5))
    output = parity.array("output of another shape", instance.forward(smaller), smaller.shape)
    parity.holds("another shape", no_pattern(output != 0), PATTERN)
    layer(0.3).forward(x)  # must not disturb what the first layer remembers
    same_mask(output, instance.backward(gradient), gradient, parity, multiplied)


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_float32(layer, rng, parity, multiplied):
    """Dropout: float32 stays float32"""
    x, grad_out = rng.standard_normal((2, *SHAPE)).astype(np.float32)
    instance = layer(0.3)
    output, grad = instance.forward(x), instance.backward(grad_out)
    multiplied("output", output, x, by=f"0 or {KEPT}")
    same_mask(output, grad, grad_out, parity, multiplied)
    parity.array("output", output, SHAPE, "float32")
    parity.array("gradient of the input", grad, SHAPE, "float32")


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_other_forms(layer, rng, parity, multiplied):
    """Dropout: with p = 0 or 1 and in evaluation, float32 stays float32, also a second time"""
    trained = ((0.0, "1", True), (1.0, "0", True))
    for p, by, trains in (*trained, *((p, "1", False) for p in (0.0, 0.3, 1.0))):
        x, grad_out = rng.standard_normal((2, 6, 4)).astype(np.float32)
        instance, when = layer(p), f", p = {p}" if trains else f", p = {p} in evaluation"
        instance.train(trains)
        got = parity.array(f"output{when}", instance.forward(x), x.shape, "float32")
        multiplied(f"output{when}", got, x, by=by)
        call = partial(instance.backward, grad_out[:1])
        parity.refuses(f"a grad_out of shape (1, 4){when}", call)
        for again in ("", " again"):
            label = f"gradient of the input{again}{when}"
            got = parity.array(label, instance.backward(grad_out), x.shape, "float32")
            multiplied(label, got, grad_out, by=by)


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_unchanged_inputs(layer, worker, rng, parity, multiplied):
    """Dropout: inputs are not changed"""
    x, grad_out = rng.standard_normal((2, *SHAPE))
    instance, kept, gradient = layer(0.3), worker.keep(x), worker.keep(grad_out)
    output = instance.forward(kept)
    multiplied("the input, after forward", worker.fetch(kept), x, by="1")
    same_mask(output, instance.backward(gradient), grad_out, parity, multiplied)
    multiplied("the input, after backward", worker.fetch(kept), x, by="1")
    multiplied("grad_out, after backward", worker.fetch(gradient), grad_out, by="1")


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_wrong_shape(layer, rng, parity, multiplied):
    """Dropout: a gradient of another shape than the output is an error"""
    x, grad_out = rng.standard_normal((2, *SHAPE))
    instance = layer(0.3)
    output = instance.forward(x)
    same_mask(output, instance.backward(grad_out), grad_out, parity, multiplied)
    for mode in (instance.train, instance.eval):
        mode()
        instance.forward(x)
        for shape in ((1, 80), (100, 1), (80,), (2, 100, 80)):
            call = partial(instance.backward, rng.standard_normal(shape))
            parity.refuses(f"a grad_out of shape {shape}", call)


@pytest.mark.check(weight=3, needs="test_dropout_forward")
def test_dropout_large_input(layer, rng, parity, multiplied):
    """Dropout: the gradients of many numbers at once"""
    x, grad_out = rng.standard_normal((2, *LARGE))
    instance = layer(0.3)
    same_mask(instance.forward(x), instance.backward(grad_out), grad_out, parity, multiplied)


@pytest.mark.check(needs="test_dropout_forward")
def test_dropout_non_contiguous(layer, rng, parity, multiplied):
    """Dropout: inputs that are views"""
    x, grad_out = (np.asfortranarray(values) for values in rng.standard_normal((2, *SHAPE)))
    instance = layer(0.3)
    same_mask(instance.forward(x), instance.backward(grad_out), grad_out, parity, multiplied)


### END HIDDEN TESTS
