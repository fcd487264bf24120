"""PositionalEncoding: its table, what it adds, and the gradient."""

from functools import partial

import numpy as np
import pytest


@pytest.fixture
def added(student, rng, oracle, parity):
    """`added((10, 10, 6), max_len=10)`: the output is x plus the first T rows of the table."""

    def compare(shape, dtype=np.float64, **options):
        x = rng.standard_normal(shape).astype(dtype)
        _, length, d_model = shape
        expected = x + oracle.positional_encoding(d_model, length).pe.astype(dtype)
        got = student.positional_encoding.PositionalEncoding(d_model, **options).forward(x)
        parity("output", got, expected)

    return compare


@pytest.mark.check(weight=3)
def test_positional_encoding_forward(added):
    """PositionalEncoding: output"""
    added((10, 10, 6), max_len=10)  # as many sequences as steps: no axis can hide


@pytest.fixture
def passes_gradient(rng, parity):
    """`passes_gradient(layer, grad_out)`: it comes back, and one of another shape is refused.

    Both, because a backward that hands on whatever it is given does nothing.
    """

    def compare(layer, grad_out):
        parity("gradient of the input", layer.backward(grad_out), grad_out)
        count, length, d_model = grad_out.shape
        for shape in ((1, length, d_model), (count, 1, d_model), (count, length, 1), (d_model,)):
            call = partial(layer.backward, rng.standard_normal(shape))
            parity.refuses(f"a grad_out of shape {shape}", call, "a ValueError that names both")

    return compare


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_backward(student, rng, passes_gradient):
    """PositionalEncoding: gradient of the input, which must have the shape of the output"""
    x, grad_out = rng.standard_normal((2, 3, 10, 6))
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    layer.forward(x)
    passes_gradient(layer, grad_out)
