"""Small cases of BatchNorm1d, BatchNorm2d and LayerNorm: modes, statistics, every option."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, as_float32, excuse_gradient

GRADIENT = "gradient of the input"


def shifted(rng, shape):
    """Whole numbers whose mean is not 0."""
    return rng.normal(1, 2, shape)


def far(_, shape):
    """Numbers that are much larger than their differences; more digits than a square can hold."""
    return 1e8 + 2 * np.arange(np.prod(shape)).reshape(shape) + 1.0


def batch_norm(name, channels, running=False, **options):
    """BatchNorm1d or BatchNorm2d; with running statistics of its own in evaluation."""
    affine = options.get("affine", True)
    shapes = {"weight": (channels,), "bias": (channels,)} if affine else {}
    layer = Layer("normalization", name, (channels,), options, shapes, shifted)
    if not running:
        return layer
    values = {
        "running_mean": np.array([2.0, -1.0, 3.0])[:channels],
        "running_var": np.array([4.0, 0.25, 9.0])[:channels],
    }
    return replace(layer, training=False, buffers=values)


def layer_norm(*shape, **options):
    """LayerNorm over the last axes, with the shapes of its parameters."""
    affine = options.get("elementwise_affine", True)
    shapes = {"weight": shape, "bias": shape} if affine else {}
    normalized_shape = shape if len(shape) == 1 else (shape,)
    return Layer("normalization", "LayerNorm", normalized_shape, options, shapes, shifted)


def case(layer, what, run, *args):
    return Probe(layer.name, f"{layer.call}, {what}", partial(run, layer, *args))


def contract_of(scene):
    return Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)


def excuse(parity, label, instance, x, grad_out, got):
    """A gradient that is that of the submission's own forward is no fault of backward."""
    if parity.inquires and label in parity.evidence:
        excuse_gradient(parity, label, instance.forward, x, grad_out, got)


def statistics(layer, *shapes):
    """What the running statistics are after these batches."""
    names = " and ".join(map(str, shapes))

    def run(layer, scene):
        contract = contract_of(scene)
        batches = [layer.inputs(scene.rng, shape)[0] for shape in shapes]
        expected = scene.oracle.running_statistics(
            layer.name, list(layer.args), dict(layer.options), batches
        )
        instance = contract.make(layer, contract.draw_parameters(layer))
        for batch in batches:
            instance.forward(batch)
        scene.parity("running_mean", instance.read("running_mean"), expected.mean)
        scene.parity("running_var", instance.read("running_var"), expected.var)

    return case(layer, f"running statistics after x of shape {names}", run)


def unmoved(layer, shape):
    """A forward in evaluation leaves the running statistics alone."""

    def run(layer, scene):
        contract = contract_of(scene)
        instance = contract.make(layer, contract.draw_parameters(layer))
        instance.forward(*layer.inputs(scene.rng, shape))
        for name, value in layer.buffers.items():
            scene.parity(f"{name} after forward", instance.read(name), value)

    return case(layer, f"running statistics after x of shape {shape}", run)


def other_mode(layer, shape):
    """The mode changes between forward and backward: what counts is that of forward."""
    switch = "eval" if layer.training else "train"

    def run(layer, scene):
        contract = contract_of(scene)
        parameters, inputs = contract.draw_parameters(layer), layer.inputs(scene.rng, shape)
        grad_out = contract.upstream(layer, parameters, inputs)
        expected = contract.expect(layer, parameters, inputs, grad_out)
        instance = contract.make(layer, parameters)
        instance.forward(*inputs)
        getattr(instance, switch)()
        label = f"{GRADIENT}, backward after {switch}()"
        got = instance.backward(grad_out)
        scene.parity(label, got, expected.grad_input)
        getattr(instance, "train" if layer.training else "eval")()
        excuse(scene.parity, label, instance, inputs[0], grad_out, got)

    return case(layer, f"{switch}() before backward, x of shape {shape}", run)


def untouched(layer, shape):
    """Neither the input nor grad_out is changed."""

    def run(layer, scene):
        contract = contract_of(scene)
        x, grad_out = layer.inputs(scene.rng, shape)[0], scene.rng.standard_normal(shape)
        instance = contract.make(layer, contract.draw_parameters(layer))
        kept = {"the input": scene.worker.keep(x), "grad_out": scene.worker.keep(grad_out)}
        instance.forward(kept["the input"])
        instance.backward(kept["grad_out"])
        for name, value in (("the input", x), ("grad_out", grad_out)):
            scene.parity(name, scene.worker.fetch(kept[name]), value)

    return case(layer, f"what becomes of x and grad_out of shape {shape}", run)


def new(layer):
    """Weight and bias of a new layer."""

    def run(layer, scene):
        instance = contract_of(scene).make(layer)
        for name, value in (("weight", 1.0), ("bias", 0.0)):
            wanted = np.full(layer.parameters[name], value)
            scene.parity(f"{name} of a new layer", instance.read(f"{name}.data"), wanted)

    return case(layer, "as it is made", run)


def overwritten(layer, shape):
    """The output is the caller's: backward is right though it was overwritten."""

    def run(layer, scene):
        contract = contract_of(scene)
        x, grad_out = layer.inputs(scene.rng, shape)[0], scene.rng.standard_normal(shape)
        expected = contract.expect(layer, {}, [x], grad_out)
        instance = contract.make(layer)
        output = scene.worker.keep_result(instance.forward, x)
        scene.worker.call("numpy.copyto", output, 7.0)
        label = f"{GRADIENT} of one without weight and bias"
        got = instance.backward(grad_out)
        scene.parity(label, got, expected.grad_input)
        excuse(scene.parity, label, instance, x, grad_out, got)

    return case(layer, f"its output set to 7 before backward, x of shape {shape}", run)


def single(layer, shape):
    """One example in float32: the output, and the gradient of the input."""

    def run(layer, scene):
        contract = contract_of(scene)
        parameters = {n: as_float32(v) for n, v in contract.draw_parameters(layer).items()}
        inputs = [as_float32(x) for x in layer.inputs(scene.rng, shape)]
        grad_out = as_float32(contract.upstream(layer, parameters, inputs))
        expected = contract.expect(layer, parameters, inputs, grad_out)
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(*inputs), as_float32(expected.output))
        scene.parity(GRADIENT, instance.backward(grad_out), as_float32(expected.grad_input))

    return case(layer, f"x of float32 and shape {shape}", run)


def output(layer, shape):
    """The output alone."""

    def run(layer, scene):
        contract = contract_of(scene)
        parameters, inputs = contract.draw_parameters(layer), layer.inputs(scene.rng, shape)
        expected = contract.expect(layer, parameters, inputs)
        scene.parity("output", contract.make(layer, parameters).forward(*inputs), expected.output)

    return case(layer, f"large numbers, x of shape {shape}", run)


def refused(layer, what, *shapes):
    """Inputs that are an error."""

    def run(layer, shape, scene):
        instance = contract_of(scene).make(layer)
        x = layer.inputs(scene.rng, shape)[0]
        scene.parity.refuses(what, partial(instance.forward, x), "a ValueError")

    return [case(layer, f"{what}: shape {shape}", run, shape) for shape in shapes]


def gradient_refused(layer, shape, *others):
    """A grad_out of another shape than the output is an error."""

    def run(layer, other, scene):
        instance = contract_of(scene).make(layer)
        instance.forward(*layer.inputs(scene.rng, shape))
        call = partial(instance.backward, scene.rng.standard_normal(other))
        scene.parity.refuses("a grad_out of another shape", call, "a ValueError")

    return [case(layer, f"x of shape {shape}, grad_out of shape {g}", run, g) for g in others]


def of_batch_norm(name, small, tail):
    """What both have in common. `small` and `tail` are the axes behind (N, C)."""
    one, two, three = (partial(batch_norm, name, channels) for channels in (1, 2, 3))
    far_away = partial(replace, draw=far)
    return [
        *one(eps=3.0).probes((2, 1, *small)),
        *one().probes((4, 1, *small)),
        *two().probes((3, 2, *small)),
        *one().probes((1, 1, *tail)),
        *two().probes((1, 2, *tail)),
        *three().probes((2, 3, *tail)),
        *two(affine=False, eps=0.5).probes((4, 2, *small)),
        statistics(one(), (3, 1, *small)),
        statistics(one(momentum=0.5), (3, 1, *small), (2, 1, *small)),
        statistics(two(momentum=0.25), (3, 2, *tail), (2, 2, *tail)),
        statistics(one(), (3, 1, *tail)),
        statistics(one(momentum=0.0), (3, 1, *small)),
        statistics(one(momentum=0.0), (2, 1, *small)),
        *one(running=True, affine=False).probes((1, 1, *small)),
        *one(running=True, eps=5.0).probes((2, 1, *small)),
        *three(running=True).probes((2, 3, *tail)),
        unmoved(one(running=True), (2, 1, *small)),
        unmoved(two(running=True), (3, 2, *tail)),
        other_mode(one(running=True), (3, 1, *small)),
        other_mode(two(running=True), (3, 2, *small)),
        other_mode(one(), (3, 1, *small)),
        other_mode(two(), (3, 2, *small)),
        new(one()),
        new(three()),
        untouched(one(), (2, 1, *small)),
        untouched(two(), (3, 2, *tail)),
        overwritten(one(affine=False, eps=3.0), (2, 1, *small)),
        overwritten(two(affine=False), (3, 2, *small)),
        single(one(eps=3.0), (2, 1, *small)),
        single(one(running=True, eps=5.0), (2, 1, *small)),
        single(two(running=True), (3, 2, *tail)),
        output(far_away(one()), (2, 1, *small)),
        output(far_away(one(affine=False)), (2, 1, *small)),
        *refused(one(), "one value for each channel", (1, 1, *small)),
        *refused(two(), "one value for each channel", (1, 2, *small)),
        *refused(one(), "an empty batch", (0, 1, *small)),
        *refused(two(), "an empty batch", (0, 2, *tail)),
        *refused(two(affine=False), "other channels", (3, 1, *small), (2, 1, *tail)),
        *gradient_refused(one(running=True), (3, 1, *small), (1, 1, *small)),
        *gradient_refused(two(running=True), (3, 2, *small), (1, 2, *small)),
    ]


def of_layer_norm():
    far_away = partial(replace, draw=far)
    return [
        *layer_norm(2, eps=3.0).probes((1, 2), (2, 2, 2)),
        *layer_norm(3).probes((1, 3), (2, 3)),
        *layer_norm(3, eps=50.0).probes((2, 3)),
        *layer_norm(4).probes((4,)),
        *layer_norm(4).probes((2, 3, 4)),
        *layer_norm(3, eps=0.5, elementwise_affine=False).probes((2, 3)),
        *layer_norm(2, 2).probes((1, 2, 2)),
        *layer_norm(3, 2).probes((2, 3, 2)),
        *layer_norm(2, 3, elementwise_affine=False).probes((2, 2, 3)),
        new(layer_norm(2)),
        new(layer_norm(2, 3)),
        untouched(layer_norm(2, eps=3.0), (1, 2)),
        untouched(layer_norm(2, 2), (2, 2, 2)),
        overwritten(layer_norm(2, eps=3.0, elementwise_affine=False), (1, 2)),
        overwritten(layer_norm(3, elementwise_affine=False), (2, 3)),
        single(layer_norm(3), (1, 3)),
        single(layer_norm(3), (2, 3)),
        output(far_away(layer_norm(2)), (1, 2)),
        output(far_away(layer_norm(2)), (2, 2)),
        *refused(layer_norm(3, 2), "other last axes", (2, 2, 3), (2, 6)),
        *refused(layer_norm(2), "other last axes", (2, 1)),
        *gradient_refused(layer_norm(2), (3, 2), (2, 3), (6,)),
    ]


PROBES = [
    *of_batch_norm("BatchNorm1d", (), (4,)),
    *of_batch_norm("BatchNorm2d", (1, 1), (2, 3)),
    *of_layer_norm(),
]
