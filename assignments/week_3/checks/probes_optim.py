"""Small cases of SGD and Adam: from one number and one step up, each option by itself first."""

from functools import partial

import numpy as np

from autograder.layers import Probe

ONE = ((1,),)
TWO = ((2,),)
SEVERAL = ((1, 2), (3,), (1, 2))  # two are alike: a shape doesn't name a parameter


def call(name, options):
    return f"{name}({', '.join(['parameters', *(f'{k}={v}' for k, v in options.items())])})"


def way(name, shapes, steps, *, missing=(), start=1.0, scale=1.0, label="", **options):
    """A probe that follows all parameters for some steps.

    missing: pairs (step, parameter), counted from 0, in which a gradient is None.
    """
    kinds = " and ".join(str(shape) for shape in shapes)
    numbers = "1 number" if shapes == ONE else f"shape {kinds}"
    title = f"{call(name, options)}, {numbers}, {steps} step{'s' * (steps > 1)}{label}"
    run = partial(follow, name, shapes, steps, missing, start, scale, options)
    return Probe(name, title, run)


def follow(name, shapes, steps, missing, start, scale, options, scene):
    starts = [start * scene.rng.standard_normal(shape) for shape in shapes]
    drawn = [scale * scene.rng.standard_normal((steps, *shape)) for shape in shapes]
    gradients = [
        [None if (step, i) in missing else drawn[i][step] for i in range(len(shapes))]
        for step in range(steps)
    ]
    expected = scene.oracle.optimizer(name, options, starts, gradients)
    parameters = [scene.given.module.Parameter(values) for values in starts]
    optimizer = getattr(scene.student.optim, name)(parameters, **options)
    for step, row in enumerate(gradients):
        for parameter, gradient in zip(parameters, row, strict=True):
            parameter.grad = gradient
        optimizer.step()
        for i, parameter in enumerate(parameters):
            which = f"parameter {i + 1}" if len(shapes) > 1 else "the parameter"
            wanted = getattr(expected, f"parameter_{i}")[step]
            scene.parity(f"{which} after step {step + 1}", parameter.read("data"), wanted)


def stays(name, shape, **options):
    """A probe of what a step must leave alone: dtype, the parameter's array, the gradient."""
    title = f"{call(name, options)}, shape {shape}: what a step leaves alone"
    return Probe(name, title, partial(leaves_alone, name, shape, options))


def leaves_alone(name, shape, options, scene):
    start, gradient = scene.rng.standard_normal((2, *shape)).astype(np.float32)
    values, kept = scene.worker.keep(start), scene.worker.keep(gradient)
    parameter = scene.given.module.Parameter(values)
    parameter.grad = kept
    getattr(scene.student.optim, name)([parameter], **options).step()
    scene.parity("the gradient after a step", scene.worker.fetch(kept), gradient)
    after, held = parameter.read("data"), scene.worker.fetch(values)
    scene.parity.equal("dtype of the parameter", str(getattr(after, "dtype", after)), "float32")
    same = np.array_equal(after, held)
    message = "the array that the parameter held before the step keeps its old values"
    scene.parity.holds("the array that it held before", same, message)


def reused(shape, **options):
    """A probe in which the second gradient is written into the array of the first."""
    title = f"{call('SGD', options)}, shape {shape}, 2 steps, one array for both gradients"
    return Probe("SGD", title, partial(follow_reused, shape, options))


def follow_reused(shape, options, scene):
    start, first, second = scene.rng.standard_normal((3, *shape))
    expected = scene.oracle.optimizer("SGD", options, [start], [[first], [second]])
    parameter, gradient = scene.given.module.Parameter(start), scene.worker.keep(first)
    parameter.grad = gradient
    optimizer = scene.student.optim.SGD([parameter], **options)
    optimizer.step()
    scene.worker.call("numpy.copyto", gradient, second)
    optimizer.step()
    scene.parity("the parameter after step 2", parameter.read("data"), expected.parameter_0[1])


def empties(name, *shapes):
    """A probe of zero_grad; the gradient of every second parameter is None."""
    title = f"zero_grad of {name}, {' and '.join(str(shape) for shape in shapes)}"
    return Probe(name, title, partial(empties_gradients, name, shapes))


def empties_gradients(name, shapes, scene):
    starts = [scene.rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    parameters = [scene.given.module.Parameter(values) for values in starts]
    for parameter, values in zip(parameters[::2], starts[::2], strict=True):
        parameter.grad = values
    for parameter in parameters[1::2]:
        parameter.grad = None
    getattr(scene.student.optim, name)(parameters, lr=0.5).zero_grad()
    for i, (parameter, values) in enumerate(zip(parameters, starts, strict=True), start=1):
        label = f"gradient of parameter {i}"
        if i % 2:
            scene.parity(label, parameter.read("grad"), np.zeros_like(values))
        else:
            scene.parity.equal(label, parameter.read("grad"), None)


def refusal(name, **options):
    title = f"{call(name, options)} is an error"
    return Probe(name, title, partial(refuses, name, options))


def refuses(name, options, scene):
    parameter = scene.given.module.Parameter(np.ones(1))
    text = ", ".join(f"{option}={value}" for option, value in options.items())
    scene.parity.refuses(text, partial(getattr(scene.student.optim, name), [parameter], **options))


MISSING = {(0, 1), (1, 0), (1, 2)}

sgd, adam = partial(way, "SGD"), partial(way, "Adam")
PROBES = [
    sgd(ONE, 1, lr=0.5),
    sgd(((2, 3),), 2, lr=0.25),
    sgd(ONE, 1, scale=3000.0, label=", default arguments"),
    sgd(TWO, 2, scale=3000.0, label=", default arguments"),
    sgd(ONE, 2, lr=0.5, momentum=0.5),
    sgd(((3, 2),), 3, lr=0.5, momentum=0.75),
    sgd(ONE, 2, lr=0.5, momentum=0.5, dampening=0.75),
    sgd(TWO, 3, lr=0.5, momentum=0.75, dampening=0.5),
    sgd(ONE, 2, lr=0.5, dampening=0.75),
    sgd(ONE, 1, lr=0.5, weight_decay=0.25),
    sgd(TWO, 2, lr=0.5, weight_decay=0.25),
    sgd(ONE, 2, lr=0.5, momentum=0.5, weight_decay=0.25),
    sgd(TWO, 3, lr=0.25, momentum=0.75, dampening=0.5, weight_decay=0.5),
    sgd(ONE, 1, lr=0.5, momentum=0.5, nesterov=True),
    sgd(ONE, 2, lr=0.5, momentum=0.5, nesterov=True),
    sgd(TWO, 3, lr=0.25, momentum=0.75, nesterov=True, weight_decay=0.5),
    sgd(SEVERAL, 1, lr=0.5),
    sgd(SEVERAL, 3, lr=0.5, momentum=0.5),
    sgd(SEVERAL, 3, missing=MISSING, label=", some gradients None", lr=0.5, weight_decay=0.25),
    sgd(
        SEVERAL,
        2,
        missing=MISSING,
        label=", some gradients None",
        lr=0.5,
        momentum=0.5,
        dampening=0.25,
    ),
    sgd(
        SEVERAL,
        3,
        missing=MISSING,
        label=", some gradients None",
        lr=0.5,
        momentum=0.75,
        dampening=0.5,
    ),
    sgd(ONE, 1, lr=0.0),
    sgd(TWO, 1, lr=0.0),
    reused((1,), lr=0.5, momentum=0.5),
    reused((2,), lr=0.5, momentum=0.5, nesterov=True),
    stays("SGD", (2,), lr=0.5, weight_decay=0.25),
    stays("SGD", (2,), lr=0.5, momentum=0.5, weight_decay=0.25),
    empties("SGD", (1,), (1,)),
    empties("SGD", (2,), (1,), (1, 3), (2,)),
    refusal("SGD", lr=-0.5),
    refusal("SGD", momentum=-0.5),
    refusal("SGD", weight_decay=-0.5),
    refusal("SGD", nesterov=True),
    refusal("SGD", nesterov=True, momentum=0.5, dampening=0.5),
    refusal("SGD", nesterov=True, momentum=0.5, dampening=-0.5),
    adam(ONE, 1, lr=0.5, eps=0.0),
    adam(ONE, 2, lr=0.5, eps=0.0),
    adam(TWO, 3, lr=0.5, eps=0.0),
    adam(ONE, 2, lr=0.5, betas=(0.5, 0.75)),
    adam(((2, 3),), 3, lr=0.5, betas=(0.75, 0.5)),
    adam(ONE, 2, lr=0.5, betas=(0.0, 0.5)),
    adam(ONE, 2, lr=0.5, betas=(0.5, 0.0)),
    adam(ONE, 1, lr=0.5, eps=1.0),
    adam(TWO, 2, lr=0.5, eps=0.5),
    adam(TWO, 3, lr=0.5, betas=(0.5, 0.75), eps=0.5),
    adam(ONE, 1, start=0.002, scale=1e-8, label=", default arguments"),
    adam(TWO, 3, start=0.002, scale=1e-8, label=", default arguments"),
    adam(ONE, 1, lr=0.5, eps=1.0, weight_decay=0.5),
    adam(ONE, 2, lr=0.5, eps=1.0, weight_decay=0.5),
    adam(TWO, 3, lr=0.25, betas=(0.5, 0.75), eps=0.5, weight_decay=0.25),
    adam(SEVERAL, 2, lr=0.5),
    adam(SEVERAL, 3, lr=0.5, betas=(0.5, 0.75)),
    adam(SEVERAL, 3, missing=MISSING, label=", some gradients None", lr=0.5),
    adam(SEVERAL, 3, missing=MISSING, label=", some gradients None", lr=0.5, weight_decay=0.25),
    adam(ONE, 1, lr=0.0),
    adam(TWO, 1, lr=0.0),
    stays("Adam", (2,), lr=0.5, weight_decay=0.25),
    stays("Adam", (3,), lr=0.5, weight_decay=0.25),
    empties("Adam", (1,), (1,)),
    empties("Adam", (2,), (1,), (1, 3), (2,)),
    refusal("Adam", lr=-0.5),
    refusal("Adam", eps=-0.5),
    refusal("Adam", weight_decay=-0.5),
    refusal("Adam", betas=(1.0, 0.5)),
    refusal("Adam", betas=(0.5, 1.0)),
]
