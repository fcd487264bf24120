"""Dropout: which entries it drops, what becomes of the others, and their gradients.

Which entries are dropped is the layer's own draw, so these checks don't compare with an array:
they ask by what each entry was multiplied.
"""

import numpy as np
import pytest

SHAPE = (100, 80)
KEPT = "1.4286"  # 1 / (1 - p), with p = 0.3


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
