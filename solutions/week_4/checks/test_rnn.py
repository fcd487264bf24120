"""RNN: outputs, gradients through time, and what every layer promises."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.layers import Layer, check, strided

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


### BEGIN HIDDEN TESTS
def agrees(case, both, parameter_grads, /, *shape, grads=(), **options):
    """A layer made with these options agrees with torch, forward and backward."""
    one = case(*shape, **options)
    both(one)
    parameter_grads(one, names=grads)


def rnn(what, *shape, weight=1, **options):
    """A check that it does."""
    return check(f"RNN: {what}", agrees, *shape, weight=weight, needs="test_rnn_forward", **options)


@pytest.mark.check(weight=3, needs="test_rnn_forward")
def test_rnn_initial_state(case, both, parameter_grads):
    """RNN: from a given state, and all gradients then, also that of the state"""
    one = case(h0=True)
    both(one)
    parameter_grads(one)


test_rnn_grad_h_n = rnn(
    "a gradient that comes from the last state too", h0=True, grad_h_n=True, weight=2
)
test_rnn_relu = rnn("with relu instead of tanh", nonlinearity="relu", grads=WEIGHTS, weight=2)
test_rnn_no_bias = rnn("without biases", bias=False, grads=WEIGHTS, weight=2)
FORMS = (
    {},
    {"nonlinearity": "relu", "h0": True, "grad_h_n": True},
    {"nonlinearity": "relu", "bias": False},
    {"bias": False, "h0": True},
)


@pytest.mark.check(weight=2, needs="test_rnn_forward")
def test_rnn_other_forms(case, worker, compare, parameter_grads, parity, rng):
    """RNN: with every option in float32, from views, which stay as they are, and backward twice"""
    for options in FORMS:
        parity.case = ", ".join(f"{name}={value}" for name, value in options.items()) or "tanh"
        one = case((2, 3, 4), dtype=np.float32, **options)
        given = {"x": one.x, "h0": one.h0} | dict(
            zip(("grad_output", "grad_h_n"), one.gradients, strict=True)
        )
        views = {name: strided(value) for name, value in given.items() if value is not None}
        kept = {name: worker.keep(value) for name, value in views.items()}
        got = one.layer.forward(kept["x"], kept.get("h0"))
        compare(got, output=one.expected.output, h_n=one.expected.h_n)
        names = WEIGHTS if options.get("bias") is False else (*WEIGHTS, "bias_ih", "bias_hh")
        # from earlier backwards, so many times its own for each: none is a copy of another
        before = dict(zip(names, rng.uniform(1, 3, len(names)).tolist(), strict=True))
        for name, times in before.items():
            getattr(one.layer, name).grad = times * getattr(one.expected, f"grad_{name}")
        wrong = partial(one.layer.backward, one.gradients[0][:1])
        parity.refuses("a grad_output of shape (1, 3, 5)", wrong)
        for _ in range(2):
            got = one.layer.backward(kept["grad_output"], kept.get("grad_h_n"))
            compare(got, gradient_of_x=one.expected.grad_x, gradient_of_h0=one.expected.grad_h0)
        for name, times in before.items():
            parameter_grads(one, times + 2, " after two more backwards", [name])
        for name, value in views.items():
            parity(f"{name}, afterwards", worker.fetch(kept[name]), value)
    parity.case = ""


test_rnn_long_sequence = rnn("sequences of 100 steps", (3, 100, 4), weight=2)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_length_one(case, both, parameter_grads):
    """RNN: sequences of one step, and the gradients added up over calls"""
    one = case((3, 1, 4), h0=True, grad_h_n=True)
    for times, when in ((1, ""), (2, " after a second backward")):
        both(one)
        parameter_grads(one, times, when)


@pytest.mark.check(weight=5, needs="test_rnn_forward")
def test_rnn_large_network(case, both, parameter_grads):
    """RNN: the gradients of many numbers at once"""
    one = case((16, 40, 64), hidden=100)
    both(one)
    parameter_grads(one)


test_rnn_batch_of_one = rnn("a batch of one", (1, 6, 4), h0=True)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_stability(case, both, compare):
    """RNN: extreme inputs"""
    both(case(scale=1e100, nonlinearity="relu"))
    one = case(scale=1e4)
    compare(one.layer.forward(one.x), saturated_output=one.expected.output, saturated_h_n=None)


test_rnn_float32 = rnn("float32 stays float32", h0=True, grad_h_n=True, dtype=np.float32)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_unchanged_inputs(case, compare, contract):
    """RNN: inputs are not changed"""
    one = case(h0=True, grad_h_n=True)
    gradients = dict(zip(("grad_output", "grad_h_n"), one.gradients, strict=True))
    got = contract.untouched(one.layer, {"x": one.x, "h0": one.h0}, gradients)
    compare(got[0], output=one.expected.output, h_n=one.expected.h_n)
    compare(got[1], gradient_of_x=one.expected.grad_x, gradient_of_h0=one.expected.grad_h0)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_outputs_are_the_callers(case, worker, compare, parameter_grads):
    """RNN: backward doesn't mind what became of the outputs"""
    for part, nonlinearity in ((0, "tanh"), (1, "tanh"), (0, "relu")):
        one = case(nonlinearity=nonlinearity)
        steps = (
            ("methodcaller", "forward", one.x),
            ("itemgetter", part),
            ("methodcaller", "fill", 7),
        )
        got = [one.layer]
        for name, *arguments in steps:  # all in the worker: what comes here is a copy
            got = worker.call("builtins.map", worker.call(f"operator.{name}", *arguments), got)
        worker.call("builtins.list", got)
        grad = one.layer.backward(one.gradients[0])
        compare(grad, gradient_of_x=one.expected.grad_x, gradient_of_h0=one.expected.grad_h0)
        parameter_grads(one)


@pytest.mark.check(weight=2, needs="test_rnn_forward")
def test_rnn_second_call(case, both, compare):
    """RNN: a second call with another length, from zeros again, and another instance"""
    first, second = case((3, 6, 4)), case((3, 4, 4))
    first.layer.forward(second.x)
    both(first)
    second.layer.forward(second.x)
    first.layer.forward(first.x)  # must not disturb what the second instance remembers
    got = second.layer.backward(*second.gradients)
    compare(got, gradient_of_the_other_x=second.expected.grad_x, gradient_of_h0=None)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_non_contiguous(case, both):
    """RNN: inputs and gradients that are views"""
    one = case(h0=True)
    one.x = np.asfortranarray(one.x)
    one.gradients = (np.asfortranarray(one.gradients[0]), None)
    both(one)


@pytest.mark.check(needs="test_rnn_forward")
def test_rnn_wrong_shape(student, case, both, parity):
    """RNN: a wrong shape of inputs, states or gradients is an error, or another nonlinearity"""
    call = partial(student.rnn.RNN, 4, 5, nonlinearity="sigmoid")
    parity.refuses('nonlinearity="sigmoid"', call)
    one = case(h0=True)
    both(one)
    layer = one.layer
    x, grad_output = np.zeros(SHAPE), np.zeros((3, 6, HIDDEN))

    def refuses(name, shape, function, *before):
        call = partial(function, *before, np.zeros(shape))
        parity.refuses(f"{name} of shape {shape}", call, "a ValueError that names both shapes")

    for shape in ((3, 6, 5), (3, 6, 8), (3, 12, 2), (3, 6, 1), (6, 4), (4,), (3, 0, 4)):
        refuses("x", shape, layer.forward)
    for shape in ((1, 1, 5), (1, 3, 1), (3, 5)):
        refuses("h0", shape, layer.forward, x)
    layer.forward(x)
    for shape in ((3, 1, 5), (1, 6, 5), (3, 6, 1), (6, 3, 5), (6, 5), (90,)):
        refuses("grad_output", shape, layer.backward)
    for shape in ((1, 1, 5), (1, 3, 1), (3, 5)):
        refuses("grad_h_n", shape, layer.backward, grad_output)


SHAPES = {"weight_ih": (100, 25), "weight_hh": (100, 100), "bias_ih": (100,), "bias_hh": (100,)}
test_rnn_init = Layer("rnn", "RNN", (25, 100), parameters=SHAPES).initial(
    1 / np.sqrt(100), title="initial weights and biases, drawn from the generator", weight=2
)
### END HIDDEN TESTS
