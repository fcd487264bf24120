"""SGD and Adam: where they move parameters, and what every optimizer promises."""

from functools import partial

import numpy as np
import pytest

from autograder.layers import check

SGD_STEP, ADAM_STEP = "test_sgd_step", "test_adam_step"
SHOWN = (1, 2, 8)  # the steps after which parameters are compared; the last one is the end
### BEGIN HIDDEN TESTS
SHAPES = ((4, 3), (3,), (2, 2, 2), (4, 3))  # two are alike: a shape doesn't name a parameter
MISSING = {"shapes": SHAPES, "missing": True}
### END HIDDEN TESTS


def follow(
    student,
    given,
    worker,
    rng,
    oracle,
    parity,
    /,
    name,
    *,
    shapes=((4, 3),),
    dtype=np.float64,
    scale=1.0,
    missing=False,
    iterator=False,
    shown=SHOWN,
    **options,
):
    """Parameters take the way on which torch's optimizer of this name sends them."""

    def draw(size):
        return [size * rng.standard_normal(shape).astype(dtype) for shape in shapes]

    start, gradients = draw(1.0), [draw(scale) for _ in range(shown[-1])]
    if missing:  # in turn, and in the first step the first parameter
        gradients = [
            [None if (step + i) % 3 == 0 else gradient for i, gradient in enumerate(row)]
            for step, row in enumerate(gradients)
        ]
    expected = oracle.optimizer(name, options, start, gradients)
    parameters = [given.module.Parameter(value) for value in start]
    params = worker.call("builtins.iter", parameters) if iterator else parameters
    optimizer = getattr(student.optim, name)(params, **options)
    for step, row in enumerate(gradients, start=1):
        for parameter, gradient in zip(parameters, row, strict=True):
            parameter.grad = gradient
        optimizer.step()
        for i, parameter in enumerate(parameters if step in shown else ()):
            which = f"parameter {i + 1}" if len(shapes) > 1 else "the parameter"
            wanted = getattr(expected, f"parameter_{i}")[step - 1].astype(dtype)
            parity(f"{which} after step {step}", parameter.read("data"), wanted)


def sgd(what, *, weight=1, needs=SGD_STEP, **options):
    """A check that SGD with these options goes torch's way."""
    return check(f"SGD: {what}", follow, "SGD", weight=weight, needs=needs, **options)


def adam(what, *, weight=1, needs=ADAM_STEP, **options):
    """A check that Adam with these options goes torch's way."""
    return check(f"Adam: {what}", follow, "Adam", weight=weight, needs=needs, **options)


test_sgd_step = sgd("plain descent", lr=0.1, weight=3, needs=())
test_sgd_momentum = sgd("with momentum", lr=0.1, momentum=0.9, weight=3)
test_sgd_weight_decay = sgd("with weight decay", lr=0.1, weight_decay=0.2, weight=2)

test_adam_step = adam("both moments, corrected", lr=0.1, eps=0.0, weight=4, needs=())
test_adam_eps = adam("a large eps", lr=0.1, eps=0.1, weight=2)


### BEGIN HIDDEN TESTS
def moves_in_place(student, given, worker, rng, oracle, parity, /, name):
    """A step with weight decay writes into the parameter's array, and not into its gradient."""
    start, gradient = rng.standard_normal((2, 4, 3))
    options = {"lr": 0.1, "weight_decay": 0.2}
    expected = oracle.optimizer(name, options, [start], [[gradient]])
    values = worker.keep(start)
    parameter = given.module.Parameter(values)
    parameter.grad = gradient
    getattr(student.optim, name)([parameter], **options).step()
    parity("the gradient after a step", parameter.read("grad"), gradient)
    label = "the array that the parameter held before the step"
    parity(label, worker.fetch(values), expected.parameter_0[0])


def other_forms(student, given, worker, rng, oracle, parity, /, name, *forms):
    """With each of these options float32 stays float32, and two steps write into the parameter's
    array and into no gradient, not even into one of a step before."""
    for options in forms:
        start, *gradients = rng.standard_normal((3, 4, 3)).astype(np.float32)
        expected = oracle.optimizer(name, options, [start], [[values] for values in gradients])
        values, *kept = (worker.keep(array) for array in (start, *gradients))
        parameter = given.module.Parameter(values)
        optimizer = getattr(student.optim, name)([parameter], **options)
        for gradient in kept:
            parameter.grad = gradient
            optimizer.step()
        when = ", ".join(f"{option}={value}" for option, value in options.items())
        end = expected.parameter_0[1].astype(np.float32)
        parity(f"the parameter after two steps, {when}", parameter.read("data"), end)
        parity(f"the array that it held before, {when}", worker.fetch(values), end)
        for step, (array, gradient) in enumerate(zip(kept, gradients, strict=True), start=1):
            label = f"the gradient of step {step}, after the second, {when}"
            parity(label, worker.fetch(array), gradient)


def empties_gradients(student, given, rng, parity, /, name):
    """zero_grad with a parameter that takes no part between two that do."""
    parameters = [given.module.Parameter(rng.standard_normal(shape)) for shape in ((4, 3), 2, 3)]
    parameters[0].data = np.ones((4, 3), np.float32)
    gradients = (np.ones((4, 3), np.float32), None, np.ones(3))
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    getattr(student.optim, name)(parameters, lr=0.1).zero_grad()
    first, second, third = parameters
    zeros = np.zeros((4, 3), np.float32)
    parity("gradient of parameter 1", first.read("grad"), zeros, trivial=True)
    parity.equal("gradient of parameter 2, which was None", second.read("grad"), None)
    parity("gradient of parameter 3", third.read("grad"), np.zeros(3), trivial=True)


def refuses(parity, given, optimizer_class, options):
    """The constructor raises an error for these options."""
    text = ", ".join(f"{name}={value}" for name, value in options.items())
    parameter = given.module.Parameter(np.ones(2))
    parity.refuses(text, partial(optimizer_class, [parameter], **options))


test_sgd_dampening = sgd("momentum with dampening", lr=0.1, momentum=0.9, dampening=0.3, weight=2)
test_sgd_default_arguments = sgd("nothing but the parameters given", iterator=True)
test_sgd_several_shapes = sgd(
    "several parameters, two of the same shape", shapes=SHAPES, lr=0.1, momentum=0.9
)
test_sgd_parameter_without_grad = sgd(
    "parameters whose gradient is None in some steps",
    **MISSING | {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight": 2},
)


@pytest.mark.check(weight=2, needs=SGD_STEP)
def test_sgd_nesterov(student, given, worker, rng, oracle, parity):
    """SGD: Nesterov's momentum, also with weight decay"""
    for decay in (0.0, 0.2):
        options = {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": decay}
        follow(student, given, worker, rng, oracle, parity, "SGD", **options)


@pytest.mark.check(needs=SGD_STEP)
def test_sgd_second_optimizer(student, given, worker, rng, oracle, parity):
    """SGD: a second optimizer starts at rest"""
    for shapes in (((4, 3),), ((2, 5),)):
        options = {"shapes": shapes, "shown": (1, 5), "lr": 0.1, "momentum": 0.9}
        follow(student, given, worker, rng, oracle, parity, "SGD", **options)


test_sgd_grads_unchanged = check(
    "SGD: a step in place, which leaves the gradients as they are",
    moves_in_place,
    "SGD",
    needs=SGD_STEP,
)


@pytest.mark.check(needs="test_sgd_momentum")
def test_sgd_gradient_reused(student, given, worker, rng, oracle, parity):
    """SGD: a gradient array that the next step finds filled with other values"""
    start, first, second = rng.standard_normal((3, 4, 3))
    options = {"lr": 0.1, "momentum": 0.9}
    expected = oracle.optimizer("SGD", options, [start], [[first], [second]])
    parameter, gradient = given.module.Parameter(start), worker.keep(first)
    parameter.grad = gradient
    optimizer = student.optim.SGD([parameter], **options)
    optimizer.step()
    worker.call("numpy.copyto", gradient, second)
    optimizer.step()
    parity("the parameter after step 2", parameter.read("data"), expected.parameter_0[1])


test_sgd_zero_grad = check(
    "SGD: zero_grad gives zeros, and None stays None", empties_gradients, "SGD", needs=SGD_STEP
)
test_sgd_other_forms = check(
    "SGD: with every option in float32, in place, and without changing a gradient",
    other_forms,
    "SGD",
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.2},
    needs=SGD_STEP,
)
test_sgd_float32 = sgd(
    "float32 stays float32", dtype=np.float32, lr=0.1, momentum=0.9, weight_decay=0.1
)


@pytest.mark.check(needs=SGD_STEP)
def test_sgd_invalid_arguments(student, given, worker, rng, oracle, parity):
    """SGD: arguments that make no sense are errors; lr = 0 moves nothing"""
    follow(student, given, worker, rng, oracle, parity, "SGD", lr=0.0, shown=(1, 2))
    for options in (
        {"lr": -0.1},
        {"momentum": -0.1},
        {"weight_decay": -0.1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
        {"nesterov": True, "momentum": 0.9, "dampening": -0.1},
    ):
        refuses(parity, given, student.optim.SGD, options)
    parity.refuses("no parameters", partial(student.optim.SGD, [], lr=0.1))


@pytest.mark.check(needs=ADAM_STEP)
def test_adam_betas(student, given, worker, rng, oracle, parity):
    """Adam: other betas, also 0"""
    for betas in ((0.7, 0.9), (0.0, 0.9), (0.7, 0.0)):
        follow(student, given, worker, rng, oracle, parity, "Adam", lr=0.1, betas=betas)


test_adam_weight_decay = adam("with weight decay", lr=0.1, weight_decay=0.2)
test_adam_default_arguments = adam("nothing but the parameters given", scale=1e-7, iterator=True)
test_adam_several_shapes = adam("several parameters, two of the same shape", shapes=SHAPES, lr=0.1)
test_adam_parameter_without_grad = adam(
    "parameters whose gradient is None in some steps", **MISSING, lr=0.1, weight=2
)


@pytest.mark.check(needs=ADAM_STEP)
def test_adam_second_optimizer(student, given, worker, rng, oracle, parity):
    """Adam: a second optimizer starts with moments of zero"""
    for shapes in (((4, 3),), ((2, 5),)):
        options = {"shapes": shapes, "shown": (1, 5), "lr": 0.1}
        follow(student, given, worker, rng, oracle, parity, "Adam", **options)


test_adam_grads_unchanged = check(
    "Adam: a step in place, which leaves the gradients as they are",
    moves_in_place,
    "Adam",
    needs=ADAM_STEP,
)
test_adam_zero_grad = check(
    "Adam: zero_grad gives zeros, and None stays None", empties_gradients, "Adam", needs=ADAM_STEP
)


test_adam_other_forms = check(
    "Adam: with every option in float32, in place, and without changing a gradient",
    other_forms,
    "Adam",
    {"lr": 0.1, "betas": (0.7, 0.9), "eps": 0.01},
    {"lr": 0.1, "weight_decay": 0.2},
    needs=ADAM_STEP,
)


@pytest.mark.check(needs=ADAM_STEP)
def test_adam_stability(student, given, worker, rng, oracle, parity):
    """Adam: gradients that are zero, or very large"""
    for scale in (0.0, 1e100):
        follow(student, given, worker, rng, oracle, parity, "Adam", scale=scale, lr=0.1)


test_adam_float32 = adam("float32 stays float32", dtype=np.float32, lr=0.1, weight_decay=0.1)


@pytest.mark.check(needs=ADAM_STEP)
def test_adam_invalid_arguments(student, given, worker, rng, oracle, parity):
    """Adam: arguments that make no sense are errors; lr = 0 moves nothing"""
    follow(student, given, worker, rng, oracle, parity, "Adam", lr=0.0, shown=(1, 2))
    for options in (
        {"lr": -0.1},
        {"eps": -1e-8},
        {"weight_decay": -0.1},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.9)},
    ):
        refuses(parity, given, student.optim.Adam, options)
    parity.refuses("no parameters", partial(student.optim.Adam, [], lr=0.1))


### END HIDDEN TESTS
