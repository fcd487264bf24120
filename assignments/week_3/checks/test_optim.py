"""SGD and Adam: where they move parameters, and what every optimizer promises."""

import numpy as np
import pytest

SHOWN = (1, 2, 25)  # the steps after which parameters are compared; the last one is the end


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
