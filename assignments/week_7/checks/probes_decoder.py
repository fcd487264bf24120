"""Small cases of TransformerDecoderLayer and TransformerDecoder: a memory, four masks."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Layer, Probe, probing

TARGET_ONLY = ("target, and nothing else",)


def parameters(depth, width):
    """The shapes of a layer's parameters, by name."""
    attention = {
        "in_proj_weight": (3 * depth, depth),
        "in_proj_bias": (3 * depth,),
        "out_proj.weight": (depth, depth),
        "out_proj.bias": (depth,),
    }
    names = ("self_attn", "multihead_attn")
    return {f"{one}.{name}": shape for one in names for name, shape in attention.items()} | {
        "linear1.weight": (width, depth),
        "linear1.bias": (width,),
        "linear2.weight": (depth, width),
        "linear2.bias": (depth,),
        **{f"norm{i}.{name}": (depth,) for i in (1, 2, 3) for name in ("weight", "bias")},
    }


def drawing(longer, masks):
    """Target and memory, longer by so many; masks and paddings as they are named."""

    def draw(rng, shape):
        *batch, length, depth = shape
        keys = length + longer
        given = [rng.standard_normal(shape), rng.standard_normal((*batch, keys, depth))]
        if not masks:
            return given
        if masks == TARGET_ONLY:
            return [*given, np.triu(np.ones((length, length), np.bool_), 1)]
        ahead = np.triu(np.ones((length, length), np.bool_), 1)
        across = np.triu(np.ones((length, keys), np.bool_), 2)
        ends = [np.zeros((*batch, size), np.bool_) for size in (length, keys)]
        for end in ends:
            end[0, -1] = True
        whole = {"target": ahead, "memory": across, "padding": ends[0], "memory padding": ends[1]}
        return [*given, *(m if n in masks else np.zeros_like(m) for n, m in whole.items())]

    return draw


def decoder_layer(depth, heads, width, longer=1, masks=(), **options):
    args, shapes = (depth, heads, width, 0.0), parameters(depth, width)
    made = (args, options, shapes, drawing(longer, masks))
    return Layer("decoder", "TransformerDecoderLayer", *made, oracle="transformer")


def stack(number, norm=False, longer=1, masks=()):
    """TransformerDecoder of that many layers, and with a norm behind them or without."""
    depth, one = 3, parameters(3, 2)
    args = (depth, 1, 2, 0.0)

    def build(contract):
        decoder = contract.student.decoder
        last = contract.worker.call("week_5.normalization.LayerNorm", depth) if norm else None
        return decoder.TransformerDecoder(decoder.TransformerDecoderLayer(*args), number, last)

    shapes = {f"layers.{i}.{n}": s for i in range(number) for n, s in one.items()}
    if norm:
        shapes |= {"norm.weight": (depth,), "norm.bias": (depth,)}
    options = {"num_layers": number, "norm": norm}
    made = {"draw": drawing(longer, masks), "oracle": "transformer", "build": build}
    return Layer("decoder", "TransformerDecoder", args, options, shapes, **made)


class Quarters:
    """A generator of smaller numbers: the weights of the attention shall not be 0 and 1."""

    def __init__(self, rng):
        self.rng = rng

    def standard_normal(self, size):
        return self.rng.standard_normal(size) / 4


def case(make, shape, longer=1, masks=()):
    layer = make(longer=longer, masks=masks)

    def run(scene):
        probing.run(layer, shape, replace(scene, rng=Quarters(scene.rng)))

    words = f"tgt of shape {shape}, memory longer by {longer}"
    masked = f", masks: {', '.join(masks)}" if masks else ""
    return Probe(layer.name, f"{layer.call}, {words}{masked}", run)


SMALL = partial(decoder_layer, 3, 1, 2)
WIDE = partial(decoder_layer, 4, 2, 3)
ALL = ("target", "memory", "padding", "memory padding")

PROBES = [
    case(partial(SMALL, layer_norm_eps=1.0), (1, 1, 3), longer=0),
    case(partial(SMALL, layer_norm_eps=1.0), (1, 1, 3)),
    case(partial(SMALL, norm_first=True, layer_norm_eps=1.0), (2, 3)),
    case(WIDE, (2, 2, 4)),
    case(partial(WIDE, norm_first=True), (1, 2, 4), longer=2),
    *(case(WIDE, (2, 3, 4), masks=(name,)) for name in ALL),
    case(partial(WIDE, norm_first=True), (2, 3, 4), longer=0, masks=ALL),
    case(WIDE, (2, 3, 4), longer=0, masks=TARGET_ONLY),
    case(SMALL, (1, 2, 3), longer=0, masks=TARGET_ONLY),
    case(partial(stack, 1), (1, 1, 3)),
    case(partial(stack, 1, True), (1, 2, 3)),
    case(partial(stack, 2), (1, 2, 3)),
    case(partial(stack, 3, True), (2, 2, 3)),
    *(case(partial(stack, 2, True), (2, 3, 3), masks=(name,)) for name in ALL),
    case(partial(stack, 2), (2, 3, 3), longer=0, masks=ALL),
]
