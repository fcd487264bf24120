"""PositionalEncoding: its table, what it adds, and the gradient."""

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


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_backward(student, rng, parity):
    """PositionalEncoding: gradient of the input"""
    x, grad_out = rng.standard_normal((2, 3, 10, 6))
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    layer.forward(x)
    parity("gradient of the input", layer.backward(grad_out), grad_out)
