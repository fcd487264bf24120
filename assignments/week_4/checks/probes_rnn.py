"""Small cases of RNN: one step of one number, then each axis, state, gradient and option alone."""

from functools import partial

import numpy as np

from autograder.layers import Probe, excuse_gradient, single

BIASES = ("bias_ih", "bias_hh")
TWICE = (((1, 1, 1), 1), ((2, 1, 1), 1), ((1, 2, 1), 2), ((2, 4, 3), 2))


def call(features, hidden, options):
    given = [str(features), str(hidden), *(f"{name}={value!r}" for name, value in options.items())]
    return f"RNN({', '.join(given)})"


def case(shape, hidden, h0=False, grad_h_n=False, **options):
    """A probe of all that it gives for x of this shape (N, T, D)."""
    extra = " and h0" * h0 + ", a gradient of h_n" * grad_h_n
    title = f"{call(shape[2], hidden, options)}, x of shape {shape}{extra}"
    return Probe("RNN", title, partial(run, shape, hidden, h0, grad_h_n, options))


def draw(scene, shape, hidden, options):
    """Weights so small that tanh doesn't saturate, and x."""
    sizes = {"weight_ih": (hidden, shape[2]), "weight_hh": (hidden, hidden)}
    if options.get("bias", True):
        sizes |= dict.fromkeys(BIASES, (hidden,))
    weights = {name: 0.25 * scene.rng.standard_normal(size) for name, size in sizes.items()}
    return weights, 0.5 * scene.rng.standard_normal(shape)


def expect(scene, weights, x, grad_output, h0, grad_h_n, options):
    given = {name: value for name, value in options.items() if name == "nonlinearity"}
    return scene.oracle.rnn(weights, x, grad_output, h0, grad_h_n, **given)


def make(scene, weights, hidden, x, options):
    layer = scene.student.rnn.RNN(x.shape[2], hidden, **options)
    layer.load_state_dict(weights)
    return layer


def run(shape, hidden, with_h0, with_grad_h_n, options, scene):
    weights, x = draw(scene, shape, hidden, options)
    grad_output = scene.rng.standard_normal((*shape[:2], hidden))
    h0 = scene.rng.standard_normal((1, shape[0], hidden)) if with_h0 else None
    grad_h_n = scene.rng.standard_normal((1, shape[0], hidden)) if with_grad_h_n else None
    wanted = expect(scene, weights, x, grad_output, h0, grad_h_n, options)
    layer = make(scene, weights, hidden, x, options)
    states = () if h0 is None else (h0,)
    gradients = (grad_output,) if grad_h_n is None else (grad_output, grad_h_n)
    output, h_n = scene.parity.parts("output and h n", layer.forward(x, *states), 2)
    if output is not None:
        scene.parity("output", output, wanted.output)
        scene.parity("h n", h_n, wanted.h_n)
    got = layer.backward(*gradients)
    grad_x, grad_h0 = scene.parity.parts("gradient of x and gradient of h0", got, 2)
    if grad_x is not None:
        scene.parity("gradient of x", grad_x, wanted.grad_x)
        if h0 is not None:
            scene.parity("gradient of h0", grad_h0, wanted.grad_h0)
    for name in weights:
        gradient = getattr(wanted, f"grad_{name}")
        scene.parity(f"gradient of {name}", layer.read(f"{name}.grad"), gradient)
    if (shape, hidden) in TWICE and not states:
        layer.forward(x)
        layer.backward(*gradients)
        for name in weights:
            label = f"gradient of {name} after a second backward"
            gradient = 2 * getattr(wanted, f"grad_{name}")
            scene.parity(label, layer.read(f"{name}.grad"), gradient)
    wrong = scene.parity.evidence
    if scene.parity.inquires and {"output", "gradient of x"} <= wrong.keys() and not with_grad_h_n:
        own = partial(own_output, layer, states)
        excuse_gradient(scene.parity, "gradient of x", own, x, grad_output, grad_x)


def own_output(layer, states, x):
    return layer.forward(x, *states)[0]


def second(first, shape, hidden):
    """A probe of a call without h0 after another one."""
    title = f"RNN({shape[2]}, {hidden}), x of shape {shape} after one of {first}"
    return Probe("RNN", title, partial(second_call, first, shape, hidden))


def second_call(first, shape, hidden, scene):
    weights, x = draw(scene, shape, hidden, {})
    grad_output = scene.rng.standard_normal((*shape[:2], hidden))
    wanted = expect(scene, weights, x, grad_output, None, None, {})
    layer, another = (make(scene, weights, hidden, x, {}) for _ in range(2))
    before = 0.5 * scene.rng.standard_normal(first)
    layer.forward(before)
    output, h_n = scene.parity.parts("output and h n", layer.forward(x), 2)
    scene.parity("output", output, wanted.output)
    scene.parity("h n", h_n, wanted.h_n)
    another.forward(before)
    got = layer.backward(grad_output)
    scene.parity("gradient of x", scene.parity.parts("gradients", got, 2)[0], wanted.grad_x)


def added(shape, hidden):
    """A probe of gradients that are there before, for each bias others."""
    title = f"RNN({shape[2]}, {hidden}), x of shape {shape}, biases with earlier gradients"
    return Probe("RNN", title, partial(adds, shape, hidden))


def adds(shape, hidden, scene):
    weights, x = draw(scene, shape, hidden, {})
    grad_output = scene.rng.standard_normal((*shape[:2], hidden))
    wanted = expect(scene, weights, x, grad_output, None, None, {})
    layer = make(scene, weights, hidden, x, {})
    layer.forward(x)
    for times, name in enumerate(BIASES, start=1):
        getattr(layer, name).grad = np.full(hidden, 8.0 * times)
    layer.backward(grad_output)
    for times, name in enumerate(BIASES, start=1):
        gradient = 8.0 * times + getattr(wanted, f"grad_{name}")
        scene.parity(f"gradient of {name}, added", layer.read(f"{name}.grad"), gradient)


def filled(part, shape, hidden):
    """A probe in which the caller overwrites what forward returned."""
    what = ("output", "h_n")[part]
    title = f"RNN({shape[2]}, {hidden}), x of shape {shape}, {what} overwritten before backward"
    return Probe("RNN", title, partial(overwrites, part, shape, hidden))


def overwrites(part, shape, hidden, scene):
    weights, x = draw(scene, shape, hidden, {})
    grad_output = scene.rng.standard_normal((*shape[:2], hidden))
    untouched = make(scene, weights, hidden, x, {})
    untouched.forward(x)
    own = gradient_of_x(scene, untouched, grad_output, x)
    layer = make(scene, weights, hidden, x, {})
    kept = scene.worker.keep_result(layer.forward, x)
    chosen = scene.worker.call(
        "builtins.map", scene.worker.call("operator.itemgetter", part), [kept]
    )
    fill = scene.worker.call("operator.methodcaller", "fill", 7)
    scene.worker.call("builtins.list", scene.worker.call("builtins.map", fill, chosen))
    same = np.allclose(gradient_of_x(scene, layer, grad_output, x), own, 1e-6)
    message = "the gradients change when a caller overwrites what forward returned"
    scene.parity.holds("gradients after that", same, message)


def gradient_of_x(scene, layer, grad_output, x):
    grad_x, _ = scene.parity.parts("gradients", layer.backward(grad_output), 2)
    return scene.parity.array("gradient of x", grad_x, x.shape)


def float32(h0, **options):
    """A probe of dtypes alone: right or wrong, float32 stays float32."""
    title = f"{call(2, 3, options)}, float32 x{' and h0' * h0}"
    return Probe("RNN", title, partial(dtypes, h0, options))


def dtypes(with_h0, options, scene):
    weights, x = draw(scene, (2, 2, 2), 3, options)
    narrow = {name: values.astype(np.float32) for name, values in weights.items()}
    layer = make(scene, narrow, 3, x, options)
    h0 = (np.ones((1, 2, 3), np.float32),) if with_h0 else ()
    parts = scene.parity.parts("output and h n", layer.forward(x.astype(np.float32), *h0), 2)
    got = layer.backward(np.ones((2, 2, 3), np.float32))
    parts += scene.parity.parts("gradient of x and gradient of h0", got, 2)
    for name, part in zip(("output", "h n", "gradient of x"), parts, strict=False):
        single(scene.parity, f"dtype of {name}", part)


def refusal(label, method, shapes):
    """A probe of a call that raises; the last of these shapes doesn't fit."""
    what = " and ".join(map(str, shapes))
    title = f"RNN(2, 3), x of shape (2, 4, 2): {method} of {what} is an error"
    return Probe("RNN", title, partial(refuses, label, method, shapes))


def refuses(label, method, shapes, scene):
    layer = scene.student.rnn.RNN(2, 3)
    if method == "backward":
        layer.forward(np.ones((2, 4, 2)))
    call = partial(getattr(layer, method), *(np.ones(shape) for shape in shapes))
    scene.parity.refuses(label, call)


def other_nonlinearity(name):
    return Probe(
        "RNN", f"RNN(1, 1, nonlinearity={name!r}) is an error", partial(refuses_name, name)
    )


def refuses_name(name, scene):
    make = partial(scene.student.rnn.RNN, 1, 1, nonlinearity=name)
    scene.parity.refuses("another nonlinearity", make)


def initial(features, hidden):
    title = f"RNN({features}, {hidden}), as it is made, with seeds 7, 7, 8 and none"
    return Probe("RNN", title, partial(starts, features, hidden))


def starts(features, hidden, scene):
    """How far the parameters reach, as multiples of what they should, and what seeds do."""
    make, alike, holds = scene.student.rnn.RNN, np.array_equal, scene.parity.holds
    made = [make(features, hidden, rng=scene.worker.generator(seed)) for seed in (7, 7, 8)]
    made += [make(features, hidden) for _ in range(2)]
    shape = (hidden, features)
    tables = [scene.parity.array("weight", one.read("weight_ih.data"), shape) for one in made]
    holds("equal seeds", alike(*tables[:2]), "equally seeded layers differ")
    holds("other seeds", not alike(*tables[1:3]), "every seed gives the same weights")
    holds("without rng", not alike(*tables[3:]), "without an rng, all layers start alike")
    if scene.parity.evidence:  # then what is drawn is another each time
        return
    shapes = {"weight_ih": shape, "weight_hh": (hidden, hidden)} | dict.fromkeys(BIASES, (hidden,))
    for name, size in shapes.items():
        values = scene.parity.array("weight", made[0].read(f"{name}.data"), size)
        found = {"smallest": values.min(), "largest": values.max()}
        for which, value in found.items():
            sign = -1 if which == "smallest" else 1
            ratio = round(float(value) * np.sqrt(hidden), 1) + 0.0
            message = f"the {which} entry of {name} is about {ratio} / √hidden_size"
            holds(f"reach of {name}", abs(ratio - sign) < 0.25, message)


X, H0 = "an x of another shape", "an h0 of another shape"
GRADIENT, LAST = "a grad_output of another shape", "a grad_h_n of another shape"
RIGHT = (2, 4, 3)
PROBES = [
    case((1, 1, 1), 1),
    case((1, 2, 1), 1),
    case((1, 3, 1), 1),
    case((2, 1, 1), 1),
    case((1, 1, 2), 1),
    case((1, 1, 1), 2),
    case((1, 2, 1), 2),
    case((3, 2, 1), 2),
    case((2, 4, 3), 2),
    case((2, 3, 3), 4),
    case((2, 3, 2), 2),
    case((1, 1, 1), 1, h0=True),
    case((2, 3, 1), 2, h0=True),
    case((1, 1, 1), 1, grad_h_n=True),
    case((1, 2, 1), 1, grad_h_n=True),
    case((2, 3, 3), 2, h0=True, grad_h_n=True),
    case((1, 1, 1), 1, nonlinearity="relu"),
    case((1, 3, 1), 1, nonlinearity="relu"),
    case((2, 3, 2), 3, nonlinearity="relu"),
    case((3, 2, 1), 2, nonlinearity="relu", h0=True, grad_h_n=True),
    case((1, 2, 1), 1, bias=False),
    case((2, 3, 1), 2, bias=False, h0=True),
    second((1, 2, 1), (1, 2, 1), 1),
    second((2, 3, 1), (2, 2, 1), 2),
    added((1, 1, 1), 1),
    added((2, 3, 1), 2),
    filled(0, (2, 3, 1), 2),
    filled(0, (1, 1, 1), 1),
    filled(1, (2, 3, 1), 2),
    float32(False),
    float32(True, nonlinearity="relu"),
    float32(True, bias=False),
    refusal(X, "forward", [(2, 4, 3)]),
    refusal(X, "forward", [(4, 2)]),
    refusal("no steps", "forward", [(2, 0, 2)]),
    refusal("no steps", "forward", [(1, 0, 2)]),
    refusal(H0, "forward", [(2, 4, 2), (1, 1, 3)]),
    refusal(H0, "forward", [(2, 4, 2), (2, 3)]),
    refusal(GRADIENT, "backward", [(1, 4, 3)]),
    refusal(GRADIENT, "backward", [(2, 1, 3)]),
    refusal(LAST, "backward", [RIGHT, (1, 1, 3)]),
    refusal(LAST, "backward", [RIGHT, (2, 3)]),
    other_nonlinearity("sigmoid"),
    other_nonlinearity(""),
    initial(16, 25),
    initial(25, 16),
]
