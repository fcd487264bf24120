"""TransformerEncoderLayer and TransformerEncoder: output, all gradients, masks, order of norms."""

import numpy as np

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
