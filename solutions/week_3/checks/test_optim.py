"""SGD and Adam: where they move parameters, and what every optimizer promises."""

from functools import partial

import numpy as np
import pytest

from autograder.sandbox.remote import Function, keep

SHOWN = (1, 2, 25)  # the steps after which parameters are compared; the last one is the end
### BEGIN HIDDEN TESTS
SHAPES = ((4, 3), (3,), (2, 2, 2), (4, 3))  # two are alike: a shape doesn't name a parameter
### END HIDDEN TESTS


@pytest.fixture
def follow(student, given, rng, oracle, parity):
    """`follow("SGD", lr=0.1)`: parameters take the way that torch.optim.SGD gives them."""

    def compare(name, *, shapes=((4, 3),), dtype=np.float64, scale=1.0, missing=False, **options):
        def draw(size):
            return [size * rng.standard_normal(shape).astype(dtype) for shape in shapes]

        start, gradients = draw(1.0), [draw(scale) for _ in range(SHOWN[-1])]
        if missing:  # in turn, and in the first step the first parameter
            gradients = [
                [None if (step + i) % 3 == 0 else gradient for i, gradient in enumerate(row)]
                for step, row in enumerate(gradients)
            ]
        expected = oracle.optimizer(name, options, start, gradients)
        parameters = [given.module.Parameter(value) for value in start]
        optimizer = getattr(student.optim, name)(parameters, **options)
        for step, row in enumerate(gradients, start=1):
            for parameter, gradient in zip(parameters, row, strict=True):
                parameter.grad = gradient
            optimizer.step()
            for i, parameter in enumerate(parameters if step in SHOWN else ()):
                which = f"parameter {i + 1}" if len(shapes) > 1 else "the parameter"
                wanted = getattr(expected, f"parameter_{i}")[step - 1].astype(dtype)
                parity(f"{which} after step {step}", parameter.read("data"), wanted)

    return compare


@pytest.mark.points(3)
def test_sgd_step(follow):
    """SGD: plain descent"""
    follow("SGD", lr=0.1)


@pytest.mark.points(3, needs="test_sgd_step")
def test_sgd_momentum(follow):
    """SGD: with momentum"""
    follow("SGD", lr=0.1, momentum=0.9)


@pytest.mark.points(2, needs="test_sgd_step")
def test_sgd_weight_decay(follow):
    """SGD: with weight decay"""
    follow("SGD", lr=0.1, weight_decay=0.2)


@pytest.mark.points(4)
def test_adam_step(follow):
    """Adam: both moments, corrected"""
    follow("Adam", lr=0.1, eps=0.0)


@pytest.mark.points(2, needs="test_adam_step")
def test_adam_eps(follow):
    """Adam: a large eps"""
    follow("Adam", lr=0.1, eps=0.1)


### BEGIN HIDDEN TESTS
@pytest.mark.points(2, needs="test_sgd_step")
def test_sgd_dampening(follow):
    """SGD: momentum with dampening"""
    follow("SGD", lr=0.1, momentum=0.9, dampening=0.3)


@pytest.mark.points(2, needs="test_sgd_step")
def test_sgd_nesterov(follow):
    """SGD: Nesterov's momentum"""
    follow("SGD", lr=0.1, momentum=0.8, nesterov=True)


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_default_arguments(follow):
    """SGD: nothing but the parameters given"""
    follow("SGD")


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_several_shapes(follow):
    """SGD: several parameters, two of the same shape"""
    follow("SGD", shapes=SHAPES, lr=0.1, momentum=0.9)


@pytest.mark.points(2, needs="test_sgd_step")
def test_sgd_parameter_without_grad(follow):
    """SGD: parameters whose gradient is None in some steps"""
    follow("SGD", shapes=SHAPES, missing=True, lr=0.1, momentum=0.9)


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_second_optimizer(follow):
    """SGD: a second optimizer starts at rest"""
    follow("SGD", lr=0.1, momentum=0.9)
    follow("SGD", shapes=((2, 5),), lr=0.1, momentum=0.9)


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_grads_unchanged(student, given, rng, parity):
    """SGD: a step leaves the gradients as they are"""
    leaves_gradient_alone(student.optim.SGD, given, rng, parity)


@pytest.mark.points(1, needs="test_sgd_momentum")
def test_sgd_gradient_reused(student, given, session, rng, oracle, parity):
    """SGD: a gradient array that the next step finds filled with other values"""
    start, first, second = rng.standard_normal((3, 4, 3))
    options = {"lr": 0.1, "momentum": 0.9}
    expected = oracle.optimizer("SGD", options, [start], [[first], [second]])
    parameter, gradient = given.module.Parameter(start), keep(session, first)
    parameter.grad = gradient
    optimizer = student.optim.SGD([parameter], **options)
    optimizer.step()
    Function(session, "numpy", ("copyto",))(gradient, second)
    optimizer.step()
    parity("the parameter after step 2", parameter.read("data"), expected.parameter_0[1])


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_zero_grad(student, given, rng, parity):
    """SGD: zero_grad gives zeros, and None stays None"""
    empties_gradients(student.optim.SGD, given, rng, parity)


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_float32(follow):
    """SGD: float32 stays float32"""
    follow("SGD", dtype=np.float32, lr=0.1, momentum=0.9, weight_decay=0.1)


@pytest.mark.points(1, needs="test_sgd_step")
def test_sgd_invalid_arguments(student, given, contract):
    """SGD: arguments that make no sense are errors"""
    for options in (
        {"lr": -0.1},
        {"momentum": -0.1},
        {"weight_decay": -0.1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
    ):
        refuses(contract, given, student.optim.SGD, options)
    contract.refuses("no parameters", partial(student.optim.SGD, [], lr=0.1), "a ValueError")


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_betas(follow):
    """Adam: other betas"""
    follow("Adam", lr=0.1, betas=(0.7, 0.9))


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_weight_decay(follow):
    """Adam: with weight decay"""
    follow("Adam", lr=0.1, weight_decay=0.2)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_default_arguments(follow):
    """Adam: nothing but the parameters given"""
    follow("Adam")


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_several_shapes(follow):
    """Adam: several parameters, two of the same shape"""
    follow("Adam", shapes=SHAPES, lr=0.1)


@pytest.mark.points(2, needs="test_adam_step")
def test_adam_parameter_without_grad(follow):
    """Adam: parameters whose gradient is None in some steps"""
    follow("Adam", shapes=SHAPES, missing=True, lr=0.1)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_second_optimizer(follow):
    """Adam: a second optimizer starts with moments of zero"""
    follow("Adam", lr=0.1)
    follow("Adam", shapes=((2, 5),), lr=0.1)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_grads_unchanged(student, given, rng, parity):
    """Adam: a step leaves the gradients as they are"""
    leaves_gradient_alone(student.optim.Adam, given, rng, parity)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_zero_grad(student, given, rng, parity):
    """Adam: zero_grad gives zeros, and None stays None"""
    empties_gradients(student.optim.Adam, given, rng, parity)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_stability(follow):
    """Adam: gradients that are zero, or very large"""
    follow("Adam", scale=0.0, lr=0.1)
    follow("Adam", scale=1e100, lr=0.1)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_float32(follow):
    """Adam: float32 stays float32"""
    follow("Adam", dtype=np.float32, lr=0.1, weight_decay=0.1)


@pytest.mark.points(1, needs="test_adam_step")
def test_adam_invalid_arguments(student, given, contract):
    """Adam: arguments that make no sense are errors"""
    for options in (
        {"lr": -0.1},
        {"eps": -1e-8},
        {"weight_decay": -0.1},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.9)},
    ):
        refuses(contract, given, student.optim.Adam, options)
    contract.refuses("no parameters", partial(student.optim.Adam, [], lr=0.1), "a ValueError")


def leaves_gradient_alone(optimizer_class, given, rng, parity):
    """A step with weight decay, which is no reason to change a gradient."""
    values, gradient = rng.standard_normal((2, 4, 3))
    parameter = given.module.Parameter(values)
    parameter.grad = gradient
    optimizer_class([parameter], lr=0.1, weight_decay=0.2).step()
    parity("the gradient after a step", parameter.read("grad"), gradient)


def empties_gradients(optimizer_class, given, rng, parity):
    """zero_grad with a parameter that takes no part between two that do."""
    parameters = [given.module.Parameter(rng.standard_normal(shape)) for shape in ((4, 3), 2, 3)]
    for parameter, gradient in zip(parameters, (np.ones((4, 3)), None, np.ones(3)), strict=True):
        parameter.grad = gradient
    optimizer_class(parameters, lr=0.1).zero_grad()
    first, second, third = parameters
    parity("gradient of parameter 1", first.read("grad"), np.zeros((4, 3)), trivial=True)
    parity.equal("gradient of parameter 2, which was None", second.read("grad"), None)
    parity("gradient of parameter 3", third.read("grad"), np.zeros(3), trivial=True)


def refuses(contract, given, optimizer_class, options):
    """The constructor raises an error for these options."""
    text = ", ".join(f"{name}={value}" for name, value in options.items())
    parameter = given.module.Parameter(np.ones(2))
    contract.refuses(text, partial(optimizer_class, [parameter], **options), "a ValueError")


### END HIDDEN TESTS
