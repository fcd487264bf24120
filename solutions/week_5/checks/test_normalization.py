"""BatchNorm1d, BatchNorm2d and LayerNorm: outputs, gradients, statistics, modes."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer


def shifted(rng, shape):
    """Inputs far enough from mean 0 and variance 1 for a normalization to change them."""
    return rng.normal(1, 2, shape)


def batch_norm(name, **options):
    """BatchNorm1d(4) or BatchNorm2d(4), with the shapes of its parameters."""
    shapes = {} if options.get("affine") is False else {"weight": (4,), "bias": (4,)}
    return Layer("normalization", name, (4,), options, shapes, shifted)


def layer_norm(*shape, **options):
    """LayerNorm over the last axes, with the shapes of its parameters."""
    shapes = {} if options.get("elementwise_affine") is False else {"weight": shape, "bias": shape}
    normalized_shape = shape if len(shape) == 1 else (shape,)  # LayerNorm(6), LayerNorm((4, 5))
    return Layer("normalization", "LayerNorm", normalized_shape, options, shapes, shifted)


BATCH_1D = batch_norm("BatchNorm1d")
BATCH_2D = batch_norm("BatchNorm2d")
LAYER = layer_norm(6)
VECTORS, IMAGES, ROWS = (6, 4), (5, 4, 3, 2), (5, 3, 6)


def running_statistics(contract, layer, shape):
    """The running mean and variance after three batches of different sizes."""
    batches = [layer.inputs(contract.rng, (shape[0] + more, *shape[1:]))[0] for more in range(3)]
    expected = contract.oracle.running_statistics(
        layer.name, list(layer.args), dict(layer.options), batches
    )
    instance = contract.make(layer, contract.draw_parameters(layer))
    for batch in batches:
        instance.forward(batch)
    contract.parity("running_mean", instance.read("running_mean"), expected.mean)
    contract.parity("running_var", instance.read("running_var"), expected.var)


def in_eval(contract, layer):
    """An instance in eval mode with running statistics of its own; and these and its parameters."""
    parameters = contract.draw_parameters(layer)
    running = {
        "running_mean": contract.rng.standard_normal(4),
        "running_var": contract.rng.uniform(0.5, 2, 4),
    }
    instance = contract.make(layer, parameters)
    for name, values in running.items():
        setattr(instance, name, values)
    instance.eval()
    return instance, parameters | running


def evaluation(contract, layer, shape):
    """The output in eval mode, and that the running statistics stay as they are."""
    instance, state = in_eval(contract, layer)
    inputs = layer.inputs(contract.rng, shape)
    expected = contract.expect(layer, state, inputs, training=False)
    contract.parity("output", instance.forward(*inputs), expected.output)
    for name in ("running_mean", "running_var"):
        contract.parity(f"{name} after forward", instance.read(name), state[name])


test_batch_norm1d_forward = BATCH_1D.forward(VECTORS, title="output in training", weight=3)
test_batch_norm1d_backward = BATCH_1D.backward(
    VECTORS, title="gradient of the input in training", weight=3
)
test_batch_norm1d_parameter_grads = BATCH_1D.parameter_grads(VECTORS, weight=3)
test_batch_norm1d_running_statistics = BATCH_1D.keeps(
    "running mean and variance", running_statistics, VECTORS, weight=3
)
test_batch_norm1d_eval = BATCH_1D.keeps("output in evaluation", evaluation, VECTORS, weight=3)

test_batch_norm2d_forward = BATCH_2D.forward(IMAGES, title="output in training", weight=2)
test_batch_norm2d_backward = BATCH_2D.backward(
    IMAGES, title="gradient of the input in training", weight=2
)
test_batch_norm2d_running_statistics = BATCH_2D.keeps(
    "running mean and variance", running_statistics, IMAGES, weight=2
)

test_layer_norm_forward = LAYER.forward(ROWS, weight=3)
test_layer_norm_backward = LAYER.backward(ROWS, weight=3)
test_layer_norm_parameter_grads = LAYER.parameter_grads(ROWS, weight=2)


### BEGIN HIDDEN TESTS
SEQUENCES = (5, 4, 3)
SEVERAL_AXES = layer_norm(4, 5)


def evaluation_backward(contract, layer, shape):
    """The gradient belongs to the mode of the forward pass, whatever the mode is by then.

    Here each sample stands for itself, so that NumPy has no need to refuse fewer of them.
    """
    instance, state = in_eval(contract, layer)
    inputs = layer.inputs(contract.rng, shape)
    grad_out = contract.rng.standard_normal(shape)
    expected = contract.expect(layer, state, inputs, grad_out, training=False)
    instance.forward(*inputs)
    contract.parity("gradient of the input", instance.backward(grad_out), expected.grad_input)
    for name in layer.parameters:
        wanted = getattr(expected, f"grad_{name}")
        contract.parity(f"gradient of {name}", instance.read(f"{name}.grad"), wanted)
    instance.forward(*inputs)
    instance.train()
    got = instance.backward(grad_out)
    contract.parity("gradient of the input, backward in training", got, expected.grad_input)
    few = grad_out[:1]
    contract.refuses(f"a grad_out of shape {few.shape}", lambda: instance.backward(few))


def widths(contract, layer, shape):
    """float32 in, float32 out, in training and evaluation; the statistics stay float64."""
    contract.float32(layer, shape)
    contract.float32(in_evaluation(layer), shape)
    batch = layer.inputs(contract.rng, shape)[0].astype(np.float32)
    expected = contract.oracle.running_statistics(layer.name, list(layer.args), {}, [batch])
    instance = contract.make(layer)
    instance.to("float32")
    instance.forward(batch)
    for name, wanted in (("running_mean", expected.mean), ("running_var", expected.var)):
        contract.parity(f"{name} in float64", instance.read(name), wanted, rtol=1e-4)


def in_evaluation(layer):
    """The same, with running statistics that make a difference."""
    running = {
        "running_mean": np.array([0.5, -1, 2, 0.1]),
        "running_var": np.array([3, 0.5, 2, 0.7]),
    }
    return replace(layer, training=False, buffers=running)


def as_made(contract, layer, shape, without):
    """A new layer has γ = 1 and β = 0, and gives what one without them gives.

    What forward returned is the caller's: backward is right though it was overwritten.
    """
    x, grad_out = layer.inputs(contract.rng, shape)[0], contract.rng.standard_normal(shape)
    expected = contract.expect(without, {}, [x], grad_out)
    for kind, instance in (
        ("a new layer", contract.make(layer)),
        ("one without weight and bias", contract.make(without)),
    ):
        output = contract.worker.keep_result(instance.forward, x)
        contract.parity(f"output of {kind}", contract.worker.fetch(output), expected.output)
        contract.worker.call("numpy.copyto", output, 0.0)
        got = instance.backward(grad_out)
        contract.parity(f"gradient of the input of {kind}", got, expected.grad_input)
    for name in layer.parameters:
        contract.parity.equal(f"{name} of {kind}", instance.read(name), None)


def few_values(contract, layer, shape, *single, one_sample):
    """One value per channel, or none, is an error in training; two are the fewest with a variance.

    One sample with several positions has one.
    """
    contract.wrong_shape(layer, *single)
    running_statistics(contract, layer, shape)
    contract.both(layer, one_sample)


def momenta(contract, layer, shape, still):
    """The running statistics move by the layer's momentum, and by none at all if it is 0."""
    running_statistics(contract, layer, shape)
    instance, state = in_eval(contract, still)
    instance.train()
    instance.forward(*layer.inputs(contract.rng, shape))
    for name in ("running_mean", "running_var"):
        contract.parity(f"{name}, momentum 0", instance.read(name), state[name])


def extremes(rng, shape):
    """A constant channel, one far from 0, one with a variance far below eps, and a usual one."""
    x = rng.standard_normal(shape)
    x[:, 0] = 3.5
    x[:, 1] += 1e6
    x[:, 2] *= 1e-4
    return x


test_batch_norm1d_eval_backward = BATCH_1D.keeps(
    "gradient of the input in evaluation", evaluation_backward, VECTORS, weight=2
)


@pytest.mark.check(weight=2, needs="test_batch_norm1d_forward")
def test_batch_norm1d_three_axes(contract):
    """BatchNorm1d: sequences (N, C, L)"""
    contract.both(BATCH_1D, SEQUENCES)
    contract.parameter_grads(BATCH_1D, SEQUENCES)
    running_statistics(contract, BATCH_1D, SEQUENCES)


test_batch_norm1d_momentum = batch_norm("BatchNorm1d", momentum=0.3).keeps(
    "another momentum", momenta, VECTORS, batch_norm("BatchNorm1d", momentum=0.0)
)
test_batch_norm1d_eps = batch_norm("BatchNorm1d", eps=0.5).both(VECTORS, title="another eps")
PLAIN_1D = batch_norm("BatchNorm1d", affine=False)
FORMS_1D = (BATCH_1D, PLAIN_1D, in_evaluation(BATCH_1D), in_evaluation(PLAIN_1D))
test_batch_norm1d_not_affine = BATCH_1D.keeps(
    "without weight and bias, or with new ones", as_made, VECTORS, PLAIN_1D
)
test_batch_norm1d_single_value = BATCH_1D.keeps(
    "one value per channel is an error in training, one sample is not",
    partial(few_values, one_sample=(1, 4, 3)),
    (2, 4),
    (1, 4),
    (1, 4, 1),
    (0, 4),
    (0, 4, 3),
    (3, 4, 0),
)
test_batch_norm1d_batch_of_one = BATCH_1D.keeps(
    "a batch of one in evaluation", evaluation, (1, 4), weight=2
)
test_batch_norm1d_stability = BATCH_1D.stability(
    lambda rng: extremes(rng, VECTORS), title="channels that are constant, or far from 0"
)
test_batch_norm1d_float32 = BATCH_1D.keeps(
    "float32 stays float32, in training and in evaluation", widths, VECTORS, weight=2
)
test_batch_norm1d_other_forms = BATCH_1D.other_forms(
    *((layer, (2, 4, 3)) for layer in FORMS_1D),
    title="the same without weight and bias, and in evaluation",
    weight=2,
)
test_batch_norm1d_unchanged_inputs = BATCH_1D.unchanged_inputs(VECTORS)
test_batch_norm1d_second_call = BATCH_1D.second_call(VECTORS, (3, 4, 5))
test_batch_norm1d_non_contiguous = BATCH_1D.non_contiguous(SEQUENCES)


@pytest.mark.check(needs="test_batch_norm1d_forward")
def test_batch_norm1d_wrong_shape(contract):
    """BatchNorm1d: the wrong number of channels or axes is an error, or another grad_out"""
    contract.wrong_shape(BATCH_1D, (4,), (6, 1), (6, 5), (6, 4, 2, 2), right=SEQUENCES)
    contract.wrong_shape(PLAIN_1D, (6, 1), (6, 1, 3), (6, 5), right=VECTORS)


test_batch_norm1d_large_backward = BATCH_1D.large_backward((12_000, 4))

test_batch_norm2d_parameter_grads = BATCH_2D.parameter_grads(IMAGES)
test_batch_norm2d_eval = BATCH_2D.keeps("output in evaluation", evaluation, IMAGES)
test_batch_norm2d_eval_backward = BATCH_2D.keeps(
    "gradient of the input in evaluation", evaluation_backward, IMAGES
)
test_batch_norm2d_momentum = batch_norm("BatchNorm2d", momentum=0.3).keeps(
    "another momentum", momenta, IMAGES, batch_norm("BatchNorm2d", momentum=0.0)
)
PLAIN_2D = batch_norm("BatchNorm2d", affine=False)
FORMS_2D = (PLAIN_2D, in_evaluation(BATCH_2D), in_evaluation(PLAIN_2D))
test_batch_norm2d_not_affine = BATCH_2D.keeps(
    "without weight and bias, or with new ones", as_made, IMAGES, PLAIN_2D
)
test_batch_norm2d_single_value = BATCH_2D.keeps(
    "one value per channel is an error in training, one sample is not",
    partial(few_values, one_sample=(1, *IMAGES[1:])),
    (2, 4, 1, 1),
    (1, 4, 1, 1),
    (0, 4, 2, 2),
)
test_batch_norm2d_batch_of_one = BATCH_2D.keeps(
    "a batch of one in evaluation", evaluation, (1, *IMAGES[1:])
)
test_batch_norm2d_stability = BATCH_2D.stability(
    lambda rng: extremes(rng, IMAGES), title="channels that are constant, or far from 0"
)
test_batch_norm2d_float32 = BATCH_2D.keeps(
    "float32 stays float32, in training and in evaluation", widths, IMAGES
)
test_batch_norm2d_other_forms = BATCH_2D.other_forms(
    *((layer, (2, 4, 2, 3)) for layer in FORMS_2D),
    title="the same without weight and bias, and in evaluation",
)
test_batch_norm2d_unchanged_inputs = BATCH_2D.unchanged_inputs(IMAGES)
test_batch_norm2d_second_call = BATCH_2D.second_call(IMAGES, (3, 4, 2, 5))
test_batch_norm2d_non_contiguous = BATCH_2D.non_contiguous(IMAGES)


@pytest.mark.check(needs="test_batch_norm2d_forward")
def test_batch_norm2d_wrong_shape(contract):
    """BatchNorm2d: the wrong number of channels or axes is an error, or another grad_out"""
    contract.wrong_shape(BATCH_2D, (6, 1, 2, 2), (6, 4, 2), (5, 3, 4, 4), right=IMAGES)
    contract.wrong_shape(PLAIN_2D, (6, 1, 2, 2), (5, 3, 4, 4), right=IMAGES)


test_batch_norm2d_large_backward = BATCH_2D.large_backward((150, 4, 10, 10))


@pytest.mark.check(weight=3, needs="test_layer_norm_forward")
def test_layer_norm_several_axes(contract):
    """LayerNorm: over the last two axes"""
    contract.both(SEVERAL_AXES, (3, 2, 4, 5))
    contract.parameter_grads(SEVERAL_AXES, (3, 2, 4, 5))


test_layer_norm_not_affine = LAYER.keeps(
    "without weight and bias, or with new ones",
    as_made,
    ROWS,
    layer_norm(6, elementwise_affine=False),
)
test_layer_norm_eps = layer_norm(6, eps=0.5).both(ROWS, title="another eps")


@pytest.mark.check(weight=2, needs="test_layer_norm_forward")
def test_layer_norm_constant_rows(contract):
    """LayerNorm: samples that are constant, or far from 0"""
    x = contract.rng.standard_normal((8, 6))
    x[:2] = [[3.5], [-0.25]]
    x[2:] += 1e6
    contract.stability(LAYER, x)


test_layer_norm_other_forms = LAYER.other_forms(
    (SEVERAL_AXES, (3, 4, 5)),
    (layer_norm(4, 5, elementwise_affine=False), (2, 4, 5)),
    (layer_norm(6, elementwise_affine=False), (3, 6)),
    (replace(LAYER, training=False), (3, 6)),
    title="the same with more axes, without weight and bias, and in evaluation",
)
test_layer_norm_float32 = LAYER.float32(ROWS)
test_layer_norm_unchanged_inputs = LAYER.unchanged_inputs(ROWS)


@pytest.mark.check(needs="test_layer_norm_forward")
def test_layer_norm_batch_of_one(contract):
    """LayerNorm: a batch of one, and a single sample without leading axes"""
    contract.batch_of_one(LAYER, ROWS)
    contract.both(LAYER, ROWS[-1:])
    contract.parameter_grads(LAYER, ROWS[-1:])


test_layer_norm_second_call = LAYER.second_call(ROWS, (2, 6))
test_layer_norm_non_contiguous = LAYER.non_contiguous(ROWS)


@pytest.mark.check(needs="test_layer_norm_forward")
def test_layer_norm_wrong_shape(contract):
    """LayerNorm: other last axes than normalized_shape are an error, or another grad_out"""
    contract.wrong_shape(LAYER, (5, 3), (2, 12), (6, 5), (5, 1), (3,), right=ROWS)
    contract.wrong_shape(SEVERAL_AXES, (3, 5, 4), (3, 20), (5,), (3, 4, 1))


test_layer_norm_large_backward = layer_norm(16).large_backward((3_000, 16))


### END HIDDEN TESTS
