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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2, needs="test_positional_encoding_forward")
def test_positional_encoding_odd_d_model(added):
    """PositionalEncoding: an odd d_model"""
    added((3, 10, 7), max_len=10)
    added((3, 10, 1), max_len=10)


@pytest.mark.check(weight=2, needs="test_positional_encoding_forward")
def test_positional_encoding_shorter_input(added):
    """PositionalEncoding: sequences shorter than the table"""
    added((3, 4, 6), max_len=10)
    added((3, 1, 6))


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_table(student, oracle, parity):
    """PositionalEncoding: the table of 5000 rows, which is not learned and stays as it is"""
    layer = student.positional_encoding.PositionalEncoding(4)
    table = oracle.positional_encoding(4, 5000).pe
    parity("pe", layer.read("pe"), table)
    parity.equal("parameters", layer.state_dict(), {})
    layer.forward(np.zeros((2, 3, 4), np.float32))
    parity("pe after a float32 input", layer.read("pe"), table)


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_too_long(student, contract, added):
    """PositionalEncoding: an input that is too long or too wide is an error"""
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    for shape in ((2, 11, 6), (2, 10, 5), (2, 10, 7), (2, 10, 1), (10, 6), (6, 6), (2, 10, 10, 6)):
        x = contract.rng.standard_normal(shape)
        contract.refuses(f"an input of shape {shape}", partial(layer.forward, x))
    added((3, 1, 6), max_len=1)  # a single position, which NumPy would give to every step
    layer = student.positional_encoding.PositionalEncoding(6, 1)
    x = contract.rng.standard_normal((1, 3, 6))
    contract.refuses("3 steps with max_len=1", partial(layer.forward, x))


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_float32(student, rng, added, passes_gradient):
    """PositionalEncoding: float32 stays float32"""
    added((3, 10, 6), np.float32, max_len=10)
    x, grad_out = rng.standard_normal((2, 3, 10, 6)).astype(np.float32)
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    layer.forward(x)
    passes_gradient(layer, grad_out)


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_unchanged_inputs(student, contract, passes_gradient):
    """PositionalEncoding: inputs are not changed"""
    x, grad_out = contract.rng.standard_normal((2, 3, 10, 6))
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    contract.untouched(layer, {"x": x}, {"grad_out": grad_out})
    passes_gradient(layer, grad_out)


@pytest.mark.check(needs="test_positional_encoding_backward")
def test_positional_encoding_large_input(student, rng, oracle, parity, passes_gradient):
    """PositionalEncoding: the gradients of many numbers at once"""
    x, grad_out = rng.standard_normal((2, 20, 100, 100))
    layer = student.positional_encoding.PositionalEncoding(100)
    parity("output", layer.forward(x), x + oracle.positional_encoding(100, 100).pe)
    passes_gradient(layer, grad_out)


@pytest.mark.check(needs="test_positional_encoding_forward")
def test_positional_encoding_second_call(student, rng, oracle, parity):
    """PositionalEncoding: a second call with another shape or width, and a batch of one"""
    layer = student.positional_encoding.PositionalEncoding(6, 10)
    table = oracle.positional_encoding(6, 10).pe
    for count, length, dtype in ((3, 7, np.float32), (1, 10, np.float64), (2, 4, np.float64)):
        x = rng.standard_normal((count, length, 6)).astype(dtype)
        parity(f"output for {x.shape}", layer.forward(x), x + table[:length].astype(dtype))


### END HIDDEN TESTS
