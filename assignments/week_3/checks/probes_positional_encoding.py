"""Small cases of PositionalEncoding: the first positions, odd sizes, what is added, what isn't."""

from functools import partial

import numpy as np

from autograder.layers import Probe, single

NAME = "PositionalEncoding"


def call(d_model, max_len):
    return f"{NAME}({d_model}{'' if max_len is None else f', {max_len}'})"


def arguments(d_model, max_len):
    return (d_model,) if max_len is None else (d_model, max_len)


def case(d_model, max_len, shape):
    """A probe of the output and the gradient of the input."""
    title = f"{call(d_model, max_len)}, x of shape {shape}"
    return Probe(NAME, title, partial(run, d_model, max_len, shape))


def run(d_model, max_len, shape, scene):
    x, grad_out = scene.rng.standard_normal((2, *shape))
    layer = scene.student.positional_encoding.PositionalEncoding(*arguments(d_model, max_len))
    table = scene.oracle.positional_encoding(d_model, shape[1]).pe
    kept = scene.worker.keep(x)
    scene.parity("output", layer.forward(kept), x + table)
    unchanged = np.array_equal(scene.worker.fetch(kept), x)
    message = "forward changes the array that it is given"
    scene.parity.holds("x, after forward", unchanged, message)
    scene.parity("gradient of the input", layer.backward(grad_out), grad_out)


def table(d_model, max_len):
    """A probe of the table itself."""
    return Probe(NAME, f"{call(d_model, max_len)}: the table", partial(reads, d_model, max_len))


def reads(d_model, max_len, scene):
    layer = scene.student.positional_encoding.PositionalEncoding(*arguments(d_model, max_len))
    expected = scene.oracle.positional_encoding(d_model, max_len or 5000).pe
    scene.parity("pe", layer.read("pe"), expected)
    scene.parity.equal("parameters", sorted(layer.state_dict()), [])


def second(d_model, max_len, first, shape):
    """A probe of a call after another."""
    title = f"{call(d_model, max_len)}, x of shape {shape} after one of {first}"
    return Probe(NAME, title, partial(second_call, d_model, max_len, first, shape))


def second_call(d_model, max_len, first, shape, scene):
    layer = scene.student.positional_encoding.PositionalEncoding(d_model, max_len)
    layer.forward(scene.rng.standard_normal(first))
    x = scene.rng.standard_normal(shape)
    expected = scene.oracle.positional_encoding(d_model, shape[1]).pe
    scene.parity("output", layer.forward(x), x + expected)


def float32(shape):
    """A probe of dtypes alone: right or wrong, float32 stays float32."""
    return Probe(NAME, f"{call(2, 4)}, float32 x of shape {shape}", partial(dtypes, shape))


def dtypes(shape, scene):
    x = scene.rng.standard_normal(shape).astype(np.float32)
    layer = scene.student.positional_encoding.PositionalEncoding(2, 4)
    output = layer.forward(x)
    single(scene.parity, "dtype of the output", output)
    grad = layer.backward(x)
    single(scene.parity, "dtype of the gradient", grad)


def narrow_first(d_model, max_len, shape):
    """A probe of float64 after float32: the table stays as exact as it was."""
    title = f"{call(d_model, max_len)}, x of shape {shape} after one of float32"
    return Probe(NAME, title, partial(exact_again, d_model, max_len, shape))


def exact_again(d_model, max_len, shape, scene):
    layer = scene.student.positional_encoding.PositionalEncoding(d_model, max_len)
    x = scene.rng.standard_normal(shape)
    layer.forward(x.astype(np.float32))
    expected = scene.oracle.positional_encoding(d_model, shape[1]).pe
    difference = scene.parity.array("output", layer.forward(x), shape) - x - expected
    message = "a float64 input gets positions of float32, since one of float32 came before"
    exact = np.abs(difference).max() < 1e-11 or np.abs(difference).max() > 1e-4
    scene.parity.holds("digits of the output", exact, message)


def refusal(label, d_model, max_len, shape):
    title = f"{call(d_model, max_len)}, x of shape {shape} is an error"
    return Probe(NAME, title, partial(refuses, label, d_model, max_len, shape))


def refuses(label, d_model, max_len, shape, scene):
    layer = scene.student.positional_encoding.PositionalEncoding(d_model, max_len)
    scene.parity.refuses(label, partial(layer.forward, np.zeros(shape)))


def wrong_gradient(shape, wrong):
    title = f"{call(2, 4)}, x of shape {shape}, a grad_out of shape {wrong} is an error"
    return Probe(NAME, title, partial(refuses_gradient, shape, wrong))


def refuses_gradient(shape, wrong, scene):
    layer = scene.student.positional_encoding.PositionalEncoding(2, 4)
    layer.forward(np.zeros(shape))
    call = partial(layer.backward, np.zeros(wrong))
    scene.parity.refuses("a grad_out of another shape", call)


LONG, WIDE = "a sequence longer than the table", "vectors of another length"
PROBES = [
    case(2, 1, (1, 1, 2)),
    case(1, 2, (1, 2, 1)),
    case(2, 2, (1, 2, 2)),
    case(2, 3, (1, 3, 2)),
    case(4, 2, (1, 2, 4)),
    case(3, 2, (1, 2, 3)),
    case(6, 3, (2, 3, 6)),
    case(5, 4, (3, 4, 5)),
    case(2, 2, (2, 2, 2)),
    case(2, 4, (1, 1, 2)),
    case(4, 5, (3, 2, 4)),
    case(2, 4, (5, 3, 2)),
    case(2, None, (1, 2, 2)),
    table(2, 2),
    table(4, 3),
    table(5, 4),
    table(1, None),
    second(2, 4, (1, 2, 2), (2, 3, 2)),
    second(3, 4, (2, 4, 3), (1, 2, 3)),
    narrow_first(2, 4, (1, 2, 2)),
    narrow_first(4, 5, (2, 3, 4)),
    float32((1, 1, 2)),
    float32((2, 3, 2)),
    refusal(LONG, 2, 2, (1, 3, 2)),
    refusal(LONG, 2, 1, (1, 2, 2)),
    refusal(LONG, 2, 1, (2, 3, 2)),
    refusal(WIDE, 2, 3, (1, 2, 1)),
    refusal(WIDE, 4, 3, (1, 2, 1)),
    wrong_gradient((1, 2, 2), (1, 1, 2)),
    wrong_gradient((2, 3, 2), (1, 3, 2)),
]
