"""TransformerDecoderLayer and TransformerDecoder: output, gradients of target and memory, masks."""

import numpy as np
import pytest

from autograder.layers import Layer

DEPTH, HEADS, WIDTH = 8, 2, 12
ARGS = (DEPTH, HEADS, WIDTH, 0.0)
PARAMETERS = {
    f"{attention}.{name}": shape
    for attention in ("self_attn", "multihead_attn")
    for name, shape in {
        "in_proj_weight": (3 * DEPTH, DEPTH),
        "in_proj_bias": (3 * DEPTH,),
        "out_proj.weight": (DEPTH, DEPTH),
        "out_proj.bias": (DEPTH,),
    }.items()
} | {
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
    **{f"norm{i}.{name}": (DEPTH,) for i in (1, 2, 3) for name in ("weight", "bias")},
}


def target_and_memory(rng, shape):
    """A target, and a memory that is longer by two."""
    *batch, length, depth = shape
    return [rng.standard_normal(shape), rng.standard_normal((*batch, length + 2, depth))]


def masked(rng, shape):
    """Target and memory; a causal mask and a random one, and padding of both sequences."""
    tgt, memory = target_and_memory(rng, shape)
    n, length, _ = shape
    across = rng.random((length, length + 2)) < 0.3
    across[:, 0] = False
    ends = rng.integers(1, length, n)
    ends[0] = length
    paddings = [np.arange(size) >= ends[:, np.newaxis] for size in (length, length + 2)]
    return [tgt, memory, np.triu(np.ones((length, length), np.bool_), 1), across, *paddings]


def as_long(rng, shape):
    """A memory as long as the target, which has a causal mask: nothing but its place names it."""
    length = shape[-2]
    return [*rng.standard_normal((2, *shape)), np.triu(np.ones((length, length), np.bool_), 1)]


def decoder_layer(*args, draw=target_and_memory, parameters=PARAMETERS, **options):
    made = (args or ARGS, options, parameters, draw)
    return Layer("decoder", "TransformerDecoderLayer", *made, oracle="transformer")


LAYER = decoder_layer()
PRE_NORM = decoder_layer(norm_first=True)


def stack(number, norm, draw=target_and_memory):
    """TransformerDecoder of that many layers, and with a norm behind them or without."""

    def build(contract):
        decoder = contract.student.decoder
        last = contract.worker.call("week_5.normalization.LayerNorm", DEPTH) if norm else None
        return decoder.TransformerDecoder(decoder.TransformerDecoderLayer(*ARGS), number, last)

    parameters = {f"layers.{i}.{n}": s for i in range(number) for n, s in PARAMETERS.items()}
    if norm:
        parameters |= {"norm.weight": (DEPTH,), "norm.bias": (DEPTH,)}
    options = {"num_layers": number, "norm": norm}
    made = {"draw": draw, "oracle": "transformer", "build": build}
    return Layer("decoder", "TransformerDecoder", ARGS, options, parameters, **made)


DECODER = stack(2, True)

test_transformer_decoder_layer_forward = LAYER.forward((3, 5, DEPTH), weight=4)
test_transformer_decoder_layer_backward = LAYER.backward(
    (3, 5, DEPTH), title="gradients of target and memory", weight=4
)
test_transformer_decoder_layer_norm_first = PRE_NORM.both(
    (3, 5, DEPTH), title="the norm before its sublayer", weight=2
)
test_transformer_decoder_forward = DECODER.forward((3, 5, DEPTH), weight=2)
test_transformer_decoder_backward = DECODER.backward(
    (3, 5, DEPTH), title="gradients of target and memory", weight=3
)
### BEGIN HIDDEN TESTS
test_transformer_decoder_layer_parameter_grads = LAYER.parameter_grads(
    (3, 5, DEPTH), title="gradients of all parameters, added up", weight=4
)
test_transformer_decoder_layer_masks = decoder_layer(draw=masked).both(
    (3, 5, DEPTH), title="all four masks", weight=4
)
test_transformer_decoder_layer_gelu = decoder_layer(activation="gelu", norm_first=True).both(
    (3, 5, DEPTH), title="with GELU", weight=1
)
test_transformer_decoder_layer_eps = decoder_layer(layer_norm_eps=0.5).both(
    (3, 5, DEPTH), title="with another eps"
)
test_transformer_decoder_layer_no_batch = LAYER.both((5, DEPTH), title="one sequence, no batch")
test_transformer_decoder_layer_second_call = LAYER.second_call((3, 5, DEPTH), (2, 7, DEPTH))
test_transformer_decoder_layer_other_forms = LAYER.other_forms(
    (decoder_layer(draw=masked, norm_first=True, activation="gelu"), (3, 5, DEPTH)),
    (decoder_layer(draw=as_long), (3, 5, DEPTH)),
    title="the same with masks, GELU and the norm before its sublayer",
    rtol=2e-3,
)
test_transformer_decoder_layer_float32 = LAYER.float32((3, 5, DEPTH), rtol=2e-3, weight=2)
test_transformer_decoder_layer_unchanged_inputs = LAYER.unchanged_inputs((3, 5, DEPTH))
test_transformer_decoder_layer_wrong_shape = LAYER.wrong_shape((3, 5, 7), right=(3, 5, DEPTH))
test_transformer_decoder_parameter_grads = DECODER.parameter_grads(
    (3, 5, DEPTH), title="gradients of the parameters of each layer, added up", weight=3
)
test_transformer_decoder_masks = stack(2, True, masked).both(
    (3, 5, DEPTH), title="all four masks reach every layer", weight=2
)
test_transformer_decoder_without_norm = stack(3, False).both(
    (3, 5, DEPTH), title="three layers, no norm behind them", weight=2
)
test_transformer_decoder_float32 = DECODER.float32((3, 5, DEPTH), rtol=2e-3)
test_transformer_decoder_second_call = DECODER.second_call((3, 5, DEPTH), (2, 7, DEPTH))
test_transformer_decoder_wrong_shape = DECODER.wrong_shape((3, 5, 7), right=(3, 5, DEPTH))


@pytest.mark.check(weight=2, needs="test_transformer_decoder_layer_forward")
def test_transformer_decoder_layer_dropout(contract, parity):
    """TransformerDecoderLayer: dropout of what each sublayer adds, and within the network"""
    for layer in (LAYER, PRE_NORM):
        parity.case = "the norm first" if layer is PRE_NORM else ""
        compare_dropouts(contract, parity, layer)
    parity.case = ""


def compare_dropouts(contract, parity, layer):
    """Each dropout drops just what it is to drop: here all of that, and the others nothing."""
    # What is dropped adds nothing, as if the weights that lead to it or away from it were zero.
    zeroed = {
        "dropout1": ("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
        "dropout2": ("multihead_attn.out_proj.weight", "multihead_attn.out_proj.bias"),
        "dropout": ("linear2.weight",),
        "dropout3": ("linear2.weight", "linear2.bias"),
    }
    for dropped, names in zeroed.items():
        parameters = contract.draw_parameters(layer)
        inputs = layer.inputs(contract.rng, (3, 5, DEPTH))
        grad_out = contract.rng.standard_normal((3, 5, DEPTH))
        dropping = decoder_layer(DEPTH, HEADS, WIDTH, 1.0, **layer.options)
        instance = contract.make(dropping, parameters)
        for other in zeroed.keys() - {dropped}:
            getattr(instance, other).p = 0.0
        parameters |= {name: np.zeros(PARAMETERS[name]) for name in names}
        expected = contract.expect(layer, parameters, inputs, grad_out)
        parity(f"output, {dropped}", instance.forward(*inputs), expected.output)
        grads = parity.parts(f"gradients, {dropped}", instance.backward(grad_out), 2)
        parity(f"gradient of the target, {dropped}", grads[0], expected.grad_input)
        of_memory = expected.grad_input_1  # none where nothing of the memory arrives
        parity(f"gradient of the memory, {dropped}", grads[1], of_memory, trivial=True)


@pytest.mark.check(needs="test_transformer_decoder_layer_forward")
def test_transformer_decoder_layer_wrong_memory(contract):
    """TransformerDecoderLayer: a memory that doesn't fit is an error"""
    parameters, inputs = contract.draw_parameters(LAYER), LAYER.inputs(contract.rng, (3, 5, DEPTH))
    instance = contract.make(LAYER, parameters)
    for shape in ((3, 5, 7), (1, 5, DEPTH), (2, 5, DEPTH), (3, 0, DEPTH), (5, DEPTH)):
        memory = contract.rng.standard_normal(shape)
        what = f"a memory of shape {shape} for the target (3, 5, 8)"
        contract.refuses(what, lambda m=memory: instance.forward(inputs[0], m))
    contract.both_of(LAYER, parameters, inputs)


@pytest.mark.check(weight=2, needs="test_transformer_decoder_layer_forward")
def test_transformer_decoder_layer_defaults(contract, worker, parity):
    """TransformerDecoderLayer: what isn't said is as in torch, no dropout in evaluation, the rng"""
    wide = {"linear1.weight": (2048, DEPTH), "linear1.bias": (2048,)}
    wide |= {"linear2.weight": (DEPTH, 2048)}
    layer = decoder_layer(DEPTH, HEADS, parameters=PARAMETERS | wide)
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(contract.rng, (3, 5, DEPTH))
    instance = contract.make(layer, parameters)
    parity.equal("p of dropout3", instance.read("dropout3.p"), 0.1)
    instance.eval()
    expected = contract.expect(layer, parameters, inputs, training=False)
    parity("output in evaluation", instance.forward(*inputs), expected.output)
    make = contract.student.decoder.TransformerDecoderLayer
    states = [make(*ARGS, rng=worker.generator(5)).state_dict() for _ in range(2)]
    one, same = (parity.arrays("the parameters", s, [*PARAMETERS.values()]) for s in states)
    alike = all(np.array_equal(one[name], same[name]) for name in PARAMETERS)
    parity.holds("same rng", alike, "two layers with the same rng begin with different values")


### END HIDDEN TESTS
