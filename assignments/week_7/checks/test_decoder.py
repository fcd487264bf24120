"""TransformerDecoderLayer and TransformerDecoder: output, gradients of target and memory, masks."""

import numpy as np

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
