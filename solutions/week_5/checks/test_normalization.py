"""BatchNorm1d, BatchNorm2d and LayerNorm: outputs, gradients, statistics, modes."""

import numpy as np
import pytest

from autograder.layers.contract import Layer


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
    return Layer("normalization", "LayerNorm", (shape,), options, shapes, shifted)


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


@pytest.mark.points(3)
def test_batch_norm1d_forward(contract):
    """BatchNorm1d: output in training"""
    contract.forward(BATCH_1D, VECTORS)


@pytest.mark.points(3, needs="test_batch_norm1d_forward")
def test_batch_norm1d_backward(contract):
    """BatchNorm1d: gradient of the input in training"""
    contract.backward(BATCH_1D, VECTORS)


@pytest.mark.points(3, needs="test_batch_norm1d_forward")
def test_batch_norm1d_parameter_grads(contract):
    """BatchNorm1d: gradients of weight and bias, added up"""
    contract.parameter_grads(BATCH_1D, VECTORS)


@pytest.mark.points(3, needs="test_batch_norm1d_forward")
def test_batch_norm1d_running_statistics(contract):
    """BatchNorm1d: running mean and variance"""
    running_statistics(contract, BATCH_1D, VECTORS)


@pytest.mark.points(3, needs="test_batch_norm1d_forward")
def test_batch_norm1d_eval(contract):
    """BatchNorm1d: output in evaluation"""
    evaluation(contract, BATCH_1D, VECTORS)


@pytest.mark.points(2)
def test_batch_norm2d_forward(contract):
    """BatchNorm2d: output in training"""
    contract.forward(BATCH_2D, IMAGES)


@pytest.mark.points(2, needs="test_batch_norm2d_forward")
def test_batch_norm2d_backward(contract):
    """BatchNorm2d: gradient of the input in training"""
    contract.backward(BATCH_2D, IMAGES)


@pytest.mark.points(2, needs="test_batch_norm2d_forward")
def test_batch_norm2d_running_statistics(contract):
    """BatchNorm2d: running mean and variance"""
    running_statistics(contract, BATCH_2D, IMAGES)


@pytest.mark.points(3)
def test_layer_norm_forward(contract):
    """LayerNorm: output"""
    contract.forward(LAYER, ROWS)


@pytest.mark.points(3, needs="test_layer_norm_forward")
def test_layer_norm_backward(contract):
    """LayerNorm: gradient of the input"""
    contract.backward(LAYER, ROWS)


@pytest.mark.points(2, needs="test_layer_norm_forward")
def test_layer_norm_parameter_grads(contract):
    """LayerNorm: gradients of weight and bias, added up"""
    contract.parameter_grads(LAYER, ROWS)


### BEGIN HIDDEN TESTS
SEQUENCES = (5, 4, 3)
SEVERAL_AXES = layer_norm(4, 5)


def evaluation_backward(contract, layer, shape):
    """The gradient belongs to the mode of the forward pass, whatever the mode is by then."""
    instance, state = in_eval(contract, layer)
    inputs = layer.inputs(contract.rng, shape)
    grad_out = contract.rng.standard_normal(shape)
    expected = contract.expect(layer, state, inputs, grad_out, training=False)
    instance.forward(*inputs)
    contract.parity("gradient of the input", instance.backward(grad_out), expected.grad_input)
    instance.forward(*inputs)
    instance.train()
    got = instance.backward(grad_out)
    contract.parity("gradient of the input, backward in training", got, expected.grad_input)


def evaluation_float32(contract, layer, shape):
    """float32 in, float32 out, though the running statistics are float64."""
    instance, state = in_eval(contract, layer)
    parameters = {name: state[name].astype(np.float32) for name in layer.parameters}
    instance.load_state_dict(parameters)
    x, grad_out = contract.rng.normal(1, 2, (2, *shape)).astype(np.float32)
    expected = contract.expect(layer, state | parameters, [x], grad_out, training=False)
    got = instance.forward(x)
    contract.parity("output in eval", got, expected.output.astype(np.float32))
    got, wanted = instance.backward(grad_out), expected.grad_input.astype(np.float32)
    contract.parity("gradient of the input in eval", got, wanted)


def extremes(rng, shape):
    """A constant channel, one far from 0, one with a variance far below eps, and a usual one."""
    x = rng.standard_normal(shape)
    x[:, 0] = 3.5
    x[:, 1] += 1e6
    x[:, 2] *= 1e-4
    return x


@pytest.mark.points(2, needs="test_batch_norm1d_forward")
def test_batch_norm1d_eval_backward(contract):
    """BatchNorm1d: gradient of the input in evaluation"""
    evaluation_backward(contract, BATCH_1D, VECTORS)


@pytest.mark.points(2, needs="test_batch_norm1d_forward")
def test_batch_norm1d_three_axes(contract):
    """BatchNorm1d: sequences (N, C, L)"""
    contract.both(BATCH_1D, SEQUENCES)
    contract.parameter_grads(BATCH_1D, SEQUENCES)
    running_statistics(contract, BATCH_1D, SEQUENCES)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_momentum(contract):
    """BatchNorm1d: another momentum"""
    running_statistics(contract, batch_norm("BatchNorm1d", momentum=0.3), VECTORS)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_eps(contract):
    """BatchNorm1d: another eps"""
    contract.both(batch_norm("BatchNorm1d", eps=0.5), VECTORS)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_not_affine(contract):
    """BatchNorm1d: without weight and bias"""
    contract.both(batch_norm("BatchNorm1d", affine=False), VECTORS)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_single_value(contract):
    """BatchNorm1d: one value per channel is an error in training"""
    contract.wrong_shape(BATCH_1D, (1, 4))
    contract.wrong_shape(BATCH_1D, (1, 4, 1))


@pytest.mark.points(2, needs="test_batch_norm1d_forward")
def test_batch_norm1d_batch_of_one(contract):
    """BatchNorm1d: a batch of one in evaluation"""
    evaluation(contract, BATCH_1D, (1, 4))


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_stability(contract):
    """BatchNorm1d: channels that are constant, or far from 0"""
    contract.stability(BATCH_1D, extremes(contract.rng, VECTORS))


@pytest.mark.points(2, needs="test_batch_norm1d_forward")
def test_batch_norm1d_float32(contract):
    """BatchNorm1d: float32 stays float32, in training and in evaluation"""
    contract.float32(BATCH_1D, VECTORS)
    evaluation_float32(contract, BATCH_1D, VECTORS)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_unchanged_inputs(contract):
    """BatchNorm1d: inputs are not changed"""
    contract.unchanged_inputs(BATCH_1D, VECTORS)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_second_call(contract):
    """BatchNorm1d: a second call with another shape"""
    contract.second_call(BATCH_1D, VECTORS, (3, 4, 5))


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_non_contiguous(contract):
    """BatchNorm1d: inputs that are views"""
    contract.non_contiguous(BATCH_1D, SEQUENCES)


@pytest.mark.points(1, needs="test_batch_norm1d_forward")
def test_batch_norm1d_wrong_shape(contract):
    """BatchNorm1d: the wrong number of channels or axes is an error"""
    for shape in ((6, 1), (6, 5), (6, 4, 2, 2)):
        contract.wrong_shape(BATCH_1D, shape)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_parameter_grads(contract):
    """BatchNorm2d: gradients of weight and bias, added up"""
    contract.parameter_grads(BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_eval(contract):
    """BatchNorm2d: output in evaluation"""
    evaluation(contract, BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_eval_backward(contract):
    """BatchNorm2d: gradient of the input in evaluation"""
    evaluation_backward(contract, BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_momentum(contract):
    """BatchNorm2d: another momentum"""
    running_statistics(contract, batch_norm("BatchNorm2d", momentum=0.3), IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_not_affine(contract):
    """BatchNorm2d: without weight and bias"""
    contract.both(batch_norm("BatchNorm2d", affine=False), IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_single_value(contract):
    """BatchNorm2d: one value per channel is an error in training"""
    contract.wrong_shape(BATCH_2D, (1, 4, 1, 1))


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_batch_of_one(contract):
    """BatchNorm2d: a batch of one in evaluation"""
    evaluation(contract, BATCH_2D, (1, *IMAGES[1:]))


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_stability(contract):
    """BatchNorm2d: channels that are constant, or far from 0"""
    contract.stability(BATCH_2D, extremes(contract.rng, IMAGES))


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_float32(contract):
    """BatchNorm2d: float32 stays float32, in training and in evaluation"""
    contract.float32(BATCH_2D, IMAGES)
    evaluation_float32(contract, BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_unchanged_inputs(contract):
    """BatchNorm2d: inputs are not changed"""
    contract.unchanged_inputs(BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_second_call(contract):
    """BatchNorm2d: a second call with another shape"""
    contract.second_call(BATCH_2D, IMAGES, (3, 4, 2, 5))


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_non_contiguous(contract):
    """BatchNorm2d: inputs that are views"""
    contract.non_contiguous(BATCH_2D, IMAGES)


@pytest.mark.points(1, needs="test_batch_norm2d_forward")
def test_batch_norm2d_wrong_shape(contract):
    """BatchNorm2d: the wrong number of channels or axes is an error"""
    for shape in ((6, 1, 2, 2), (6, 4, 2), (5, 3, 4, 4)):
        contract.wrong_shape(BATCH_2D, shape)


@pytest.mark.points(3, needs="test_layer_norm_forward")
def test_layer_norm_several_axes(contract):
    """LayerNorm: over the last two axes"""
    contract.both(SEVERAL_AXES, (3, 2, 4, 5))
    contract.parameter_grads(SEVERAL_AXES, (3, 2, 4, 5))


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_not_affine(contract):
    """LayerNorm: without weight and bias"""
    contract.both(layer_norm(6, elementwise_affine=False), ROWS)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_eps(contract):
    """LayerNorm: another eps"""
    contract.both(layer_norm(6, eps=0.5), ROWS)


@pytest.mark.points(2, needs="test_layer_norm_forward")
def test_layer_norm_constant_rows(contract):
    """LayerNorm: samples that are constant, or far from 0"""
    x = contract.rng.standard_normal((8, 6))
    x[:2] = [[3.5], [-0.25]]
    x[2:] += 1e6
    contract.stability(LAYER, x)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_float32(contract):
    """LayerNorm: float32 stays float32"""
    contract.float32(LAYER, ROWS)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_unchanged_inputs(contract):
    """LayerNorm: inputs are not changed"""
    contract.unchanged_inputs(LAYER, ROWS)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_batch_of_one(contract):
    """LayerNorm: a batch of one"""
    contract.batch_of_one(LAYER, ROWS)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_second_call(contract):
    """LayerNorm: a second call with another shape"""
    contract.second_call(LAYER, ROWS, (2, 6))


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_non_contiguous(contract):
    """LayerNorm: inputs that are views"""
    contract.non_contiguous(LAYER, ROWS)


@pytest.mark.points(1, needs="test_layer_norm_forward")
def test_layer_norm_wrong_shape(contract):
    """LayerNorm: other last axes than normalized_shape are an error"""
    for shape in ((5, 3), (2, 12), (6, 5)):
        contract.wrong_shape(LAYER, shape)
    contract.wrong_shape(SEVERAL_AXES, (3, 5, 4))


### END HIDDEN TESTS
