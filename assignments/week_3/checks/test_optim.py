"""SGD and Adam: where they move parameters, and what every optimizer promises."""

import numpy as np

from autograder.layers import check

SGD_STEP, ADAM_STEP = "test_sgd_step", "test_adam_step"
SHOWN = (1, 2, 8)  # the steps after which parameters are compared; the last one is the end


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
