"""TransformerEncoderLayer and TransformerEncoder: output, all gradients, masks, order of norms."""

import math

import numpy as np
import pytest

from autograder.layers import Layer

DEPTH, HEADS, WIDTH = 8, 2, 12
ARGS = (DEPTH, HEADS, WIDTH, 0.0)
PARAMETERS = {
    "self_attn.in_proj_weight": (3 * DEPTH, DEPTH),
    "self_attn.in_proj_bias": (3 * DEPTH,),
    "self_attn.out_proj.weight": (DEPTH, DEPTH),
    "self_attn.out_proj.bias": (DEPTH,),
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
    **{f"norm{i}.{name}": (DEPTH,) for i in (1, 2) for name in ("weight", "bias")},
}


def encoder_layer(*args, draw=None, parameters=PARAMETERS, **options):
    made = (args or ARGS, options, parameters, draw)
    return Layer("encoder", "TransformerEncoderLayer", *made, oracle="transformer")


LAYER = encoder_layer()
PRE_NORM = encoder_layer(norm_first=True)


def stack(number, norm, draw=None):
    """TransformerEncoder of that many layers, and with a norm behind them or without."""

    def build(contract):
        encoder = contract.student.encoder
        last = contract.worker.call("week_5.normalization.LayerNorm", DEPTH) if norm else None
        return encoder.TransformerEncoder(encoder.TransformerEncoderLayer(*ARGS), number, last)

    parameters = {f"layers.{i}.{n}": s for i in range(number) for n, s in PARAMETERS.items()}
    if norm:
        parameters |= {"norm.weight": (DEPTH,), "norm.bias": (DEPTH,)}
    options = {"num_layers": number, "norm": norm}
    made = {"draw": draw, "oracle": "transformer", "build": build}
    return Layer("encoder", "TransformerEncoder", ARGS, options, parameters, **made)


ENCODER = stack(2, True)


def masked(rng, shape):
    """An input, a causal mask, and padding at the end of all sequences but the first."""
    n, length, _ = shape
    ends = rng.integers(1, length, n)
    ends[0] = length
    causal = np.triu(np.ones((length, length), np.bool_), 1)
    return [rng.standard_normal(shape), causal, np.arange(length) >= ends[:, np.newaxis]]


test_transformer_encoder_layer_forward = LAYER.forward((3, 5, DEPTH), weight=4)
test_transformer_encoder_layer_backward = LAYER.backward((3, 5, DEPTH), weight=4)
test_transformer_encoder_layer_norm_first = PRE_NORM.both(
    (3, 5, DEPTH), title="the norm before its sublayer", weight=4
)
test_transformer_encoder_forward = ENCODER.forward((3, 5, DEPTH), weight=2)
test_transformer_encoder_backward = ENCODER.backward((3, 5, DEPTH), weight=3)
### BEGIN HIDDEN TESTS
test_transformer_encoder_layer_parameter_grads = LAYER.parameter_grads(
    (3, 5, DEPTH), title="gradients of all parameters, added up", weight=4
)
test_transformer_encoder_layer_norm_first_parameter_grads = PRE_NORM.parameter_grads(
    (3, 5, DEPTH), title="gradients of all parameters, the norm before its sublayer", weight=2
)
test_transformer_encoder_layer_gelu = encoder_layer(activation="gelu").both(
    (3, 5, DEPTH), title="with GELU", weight=2
)
test_transformer_encoder_layer_eps = encoder_layer(layer_norm_eps=0.5).both(
    (3, 5, DEPTH), title="with another eps"
)
test_transformer_encoder_layer_masks = encoder_layer(draw=masked).both(
    (3, 5, DEPTH), title="both masks", weight=3
)
test_transformer_encoder_layer_no_batch = LAYER.both((5, DEPTH), title="one sequence, no batch")
test_transformer_encoder_layer_second_call = LAYER.second_call((3, 5, DEPTH), (2, 7, DEPTH))
test_transformer_encoder_layer_other_forms = LAYER.other_forms(
    (encoder_layer(draw=masked, norm_first=True, activation="gelu"), (3, 5, DEPTH)),
    title="the same with masks, GELU and the norm before its sublayer",
    rtol=2e-3,
)
test_transformer_encoder_layer_float32 = LAYER.float32((3, 5, DEPTH), rtol=2e-3, weight=2)
test_transformer_encoder_layer_unchanged_inputs = LAYER.unchanged_inputs((3, 5, DEPTH))
test_transformer_encoder_layer_non_contiguous = LAYER.non_contiguous((3, 5, DEPTH))
test_transformer_encoder_layer_large_backward = LAYER.large_backward((100, 40, DEPTH), weight=2)
test_transformer_encoder_layer_wrong_shape = LAYER.wrong_shape(
    (3, 5, 7), (3, 0, DEPTH), right=(3, 5, DEPTH)
)
test_transformer_encoder_parameter_grads = ENCODER.parameter_grads(
    (3, 5, DEPTH), title="gradients of the parameters of each layer, added up", weight=3
)
test_transformer_encoder_masks = stack(2, True, masked).both(
    (3, 5, DEPTH), title="both masks reach every layer", weight=2
)
test_transformer_encoder_without_norm = stack(3, False).both(
    (3, 5, DEPTH), title="three layers, no norm behind them", weight=2
)
test_transformer_encoder_float32 = ENCODER.float32((3, 5, DEPTH), rtol=2e-3)
test_transformer_encoder_second_call = ENCODER.second_call((3, 5, DEPTH), (2, 7, DEPTH))
test_transformer_encoder_wrong_shape = ENCODER.wrong_shape((3, 5, 7), right=(3, 5, DEPTH))


@pytest.mark.check(weight=3, needs="test_transformer_encoder_layer_forward")
def test_transformer_encoder_layer_dropout(contract, parity):
    """TransformerEncoderLayer: dropout of what both sublayers add, and within the network"""
    for layer in (LAYER, PRE_NORM):
        contract.parity.case = "the norm first" if layer is PRE_NORM else ""
        compare_dropouts(contract, layer)
    contract.parity.case = ""
    order_in_the_network(contract, parity)


def compare_dropouts(contract, layer):
    """Each dropout drops just what it is to drop: here all of that, and the others nothing."""
    # What is dropped adds nothing, as if the weights that lead to it or away from it were zero.
    zeroed = {
        "dropout1": ("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
        "dropout": ("linear2.weight",),
        "dropout2": ("linear2.weight", "linear2.bias"),
    }
    for dropped, names in zeroed.items():
        parameters, x = contract.draw_parameters(layer), contract.rng.standard_normal((3, 5, DEPTH))
        grad_out = contract.rng.standard_normal((3, 5, DEPTH))
        dropping = encoder_layer(DEPTH, HEADS, WIDTH, 1.0, **layer.options)
        instance = contract.make(dropping, parameters)
        for other in zeroed.keys() - {dropped}:
            getattr(instance, other).p = 0.0
        parameters |= {name: np.zeros(PARAMETERS[name]) for name in names}
        expected = contract.expect(layer, parameters, [x], grad_out)
        contract.parity(f"output, {dropped}", instance.forward(x), expected.output)
        got = instance.backward(grad_out)
        contract.parity(f"gradient of the input, {dropped}", got, expected.grad_input)


def order_in_the_network(contract, parity):
    """The dropout stands behind the activation: as a Sigmoid there, it tells where it is."""
    parameters, x = contract.draw_parameters(LAYER), contract.rng.standard_normal((3, 5, DEPTH))
    grad_out = contract.rng.standard_normal((3, 5, DEPTH))
    instance = contract.make(LAYER, parameters)
    instance.dropout = contract.worker.call("week_1.activations.Sigmoid")
    before, after = parameters["linear1.weight"], parameters["linear2.weight"]
    hidden = x @ before.T + parameters["linear1.bias"]
    y = 1 / (1 + np.exp(-np.maximum(hidden, 0)))
    wanted = y @ after.T + parameters["linear2.bias"]
    parity("output of the network", instance.feed_forward(x), wanted)
    wanted = (grad_out @ after * y * (1 - y) * (hidden > 0)) @ before
    got = instance.feed_forward_backward(grad_out)
    parity("gradient of the network's input", got, wanted)
    instance = contract.make(encoder_layer(activation="gelu"), parameters)
    instance.dropout = contract.worker.call("week_1.activations.Sigmoid")
    gelu = hidden * (1 + np.vectorize(math.erf)(hidden / math.sqrt(2))) / 2
    wanted = 1 / (1 + np.exp(-gelu)) @ after.T + parameters["linear2.bias"]
    parity("output of the network with GELU", instance.feed_forward(x), wanted)


@pytest.mark.check(weight=2, needs="test_transformer_encoder_layer_forward")
def test_transformer_encoder_layer_defaults(contract, worker, parity):
    """TransformerEncoderLayer: what isn't said is as in torch, no dropout in evaluation, the rng"""
    wide = {"linear1.weight": (2048, DEPTH), "linear1.bias": (2048,)}
    wide |= {"linear2.weight": (DEPTH, 2048)}
    layer = encoder_layer(DEPTH, HEADS, parameters=PARAMETERS | wide)
    parameters, x = contract.draw_parameters(layer), contract.rng.standard_normal((3, 5, DEPTH))
    instance = contract.make(layer, parameters)
    parity.equal("p of dropout1", instance.read("dropout1.p"), 0.1)
    instance.eval()
    expected = contract.expect(layer, parameters, [x], training=False)
    parity("output in evaluation", instance.forward(x), expected.output)
    make = contract.student.encoder.TransformerEncoderLayer
    states = [make(*ARGS, rng=worker.generator(5)).state_dict() for _ in range(2)]
    one, same = (parity.arrays("the parameters", s, [*PARAMETERS.values()]) for s in states)
    alike = all(np.array_equal(one[name], same[name]) for name in PARAMETERS)
    parity.holds("same rng", alike, "two layers with the same rng begin with different values")


@pytest.mark.check(needs="test_transformer_encoder_layer_forward")
def test_transformer_encoder_layer_wrong_arguments(contract):
    """TransformerEncoderLayer: heads, dropout, activation and number of layers that can't be"""
    encoder = contract.student.encoder
    make = encoder.TransformerEncoderLayer
    contract.refuses("three heads", lambda: make(DEPTH, 3), "a ValueError")
    contract.refuses("a dropout of -0.5", lambda: make(*ARGS[:3], -0.5), "a ValueError")
    contract.refuses("another activation", lambda: make(*ARGS, "tanh"), "a ValueError")
    one = make(*ARGS)
    contract.refuses("no layer", lambda: encoder.TransformerEncoder(one, 0), "a ValueError")
    contract.both(stack(1, True), (3, 5, DEPTH))


### END HIDDEN TESTS
