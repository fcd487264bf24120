"""RNN: outputs, gradients through time, and what every layer promises."""

from types import SimpleNamespace

import numpy as np
import pytest

SHAPE = (3, 6, 4)  # N sequences of T steps with D numbers
HIDDEN = 5


@pytest.fixture
def case(student, rng, oracle):
    """`case()`: a layer with drawn weights, drawn inputs, and what torch.nn.RNN makes of them."""

    def draw(
        shape=SHAPE,
        *,
        hidden=HIDDEN,
        h0=False,
        grad_h_n=False,
        bias=True,
        dtype=np.float64,
        scale=1.0,
        **options,
    ):
        count, steps, features = shape
        shapes = {"weight_ih": (hidden, features), "weight_hh": (hidden, hidden)}
        shapes |= {"bias_ih": (hidden,), "bias_hh": (hidden,)} if bias else {}
        bound = 1.1 / np.sqrt(hidden)  # so that no rounding error grows from step to step
        weights = {n: rng.uniform(-bound, bound, size).astype(dtype) for n, size in shapes.items()}

        def values(*size):
            return rng.standard_normal(size).astype(dtype)

        x, grad_output = scale * values(*shape), values(count, steps, hidden)
        h0 = values(1, count, hidden) if h0 else None
        grad_h_n = values(1, count, hidden) if grad_h_n else None
        layer = student.rnn.RNN(features, hidden, bias=bias, **options)
        layer.load_state_dict(weights)
        expected = vars(oracle.rnn(weights, x, grad_output, h0, grad_h_n, **options))
        expected = SimpleNamespace(**{n: value.astype(dtype) for n, value in expected.items()})
        return SimpleNamespace(
            layer=layer, x=x, h0=h0, gradients=(grad_output, grad_h_n), expected=expected
        )

    return draw


@pytest.fixture
def compare(parity):
    """Compares the arrays of a pair by their names."""

    def pair(got, **expected):
        values = parity.parts(" and ".join(expected), got, 2)
        for (name, wanted), value in zip(expected.items(), values, strict=True):
            if wanted is not None:
                parity(name, value, wanted)

    return pair


@pytest.fixture
def both(compare):
    """Runs a case forward and backward, and compares outputs and gradients of the inputs."""

    def run(case):
        wanted = case.expected
        compare(case.layer.forward(case.x, case.h0), output=wanted.output, h_n=wanted.h_n)
        got = case.layer.backward(*case.gradients)
        compare(got, gradient_of_x=wanted.grad_x, gradient_of_h0=wanted.grad_h0)

    return run


WEIGHTS = "weight_ih", "weight_hh"


@pytest.fixture
def parameter_grads(parity):
    """Compares the gradients of all parameters of a case, after so many backwards."""

    def compare(case, times=1, when="", names=(*WEIGHTS, "bias_ih", "bias_hh")):
        for name in names:
            wanted = times * getattr(case.expected, f"grad_{name}")
            parity(f"gradient of {name}{when}", case.layer.read(f"{name}.grad"), wanted)

    return compare


@pytest.mark.check(weight=5)
def test_rnn_forward(case, compare):
    """RNN: the states after every step, and the last one"""
    one = case()
    compare(one.layer.forward(one.x), output=one.expected.output, h_n=one.expected.h_n)


@pytest.mark.check(weight=5, needs="test_rnn_forward")
def test_rnn_backward(case, compare):
    """RNN: gradient of the input, through time"""
    one = case()
    one.layer.forward(one.x)
    got = one.layer.backward(one.gradients[0])
    compare(got, gradient_of_x=one.expected.grad_x, gradient_of_h0=None)


@pytest.mark.check(weight=5, needs="test_rnn_forward")
def test_rnn_parameter_grads(case, parameter_grads):
    """RNN: gradients of both weights and both biases, added up over calls"""
    one = case()
    for times, when in ((1, ""), (2, " after a second backward")):
        one.layer.forward(one.x)
        one.layer.backward(one.gradients[0])
        parameter_grads(one, times, when)
