"""Small cases of TransformerEncoderLayer and TransformerEncoder: both orders of norms, masks."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, probing


def parameters(depth, width):
    """The shapes of a layer's parameters, by name."""
    return {
        "self_attn.in_proj_weight": (3 * depth, depth),
        "self_attn.in_proj_bias": (3 * depth,),
        "self_attn.out_proj.weight": (depth, depth),
        "self_attn.out_proj.bias": (depth,),
        "linear1.weight": (width, depth),
        "linear1.bias": (width,),
        "linear2.weight": (depth, width),
        "linear2.bias": (depth,),
        **{f"norm{i}.{name}": (depth,) for i in (1, 2) for name in ("weight", "bias")},
    }


def encoder_layer(depth, heads, width, draw=None, **options):
    args, shapes = (depth, heads, width, 0.0), parameters(depth, width)
    made = (args, options, shapes, draw)
    return Layer("encoder", "TransformerEncoderLayer", *made, oracle="transformer")


def stack(depth, number, norm=False, draw=None):
    """TransformerEncoder of that many layers, and with a norm behind them or without."""
    args, one = (depth, 1, 2, 0.0), parameters(depth, 2)

    def build(contract):
        encoder = contract.student.encoder
        last = contract.worker.call("week_5.normalization.LayerNorm", depth) if norm else None
        return encoder.TransformerEncoder(encoder.TransformerEncoderLayer(*args), number, last)

    shapes = {f"layers.{i}.{n}": s for i in range(number) for n, s in one.items()}
    if norm:
        shapes |= {"norm.weight": (depth,), "norm.bias": (depth,)}
    options = {"num_layers": number, "norm": norm}
    made = {"draw": draw, "oracle": "transformer", "build": build}
    return Layer("encoder", "TransformerEncoder", args, options, shapes, **made)


class Quarters:
    """A generator of smaller numbers: the weights of the attention shall not be 0 and 1."""

    def __init__(self, rng):
        self.rng = rng

    def standard_normal(self, size):
        return self.rng.standard_normal(size) / 4


def case(layer, shape, masks=""):
    def run(scene):
        probing.run(layer, shape, replace(scene, rng=Quarters(scene.rng)))

    return Probe(layer.name, f"{layer.call}, x of shape {shape}{masks}", run)


def with_masks(make, shape, mask=False, padding=False):
    """With a causal mask, or with the last position of the first sequence as padding, or both."""

    def draw(rng, shape):
        length, ends = shape[-2], np.zeros(shape[:-1], np.bool_)
        ends[(0,) * (ends.ndim - 1)][-1] = True
        causal = np.triu(np.ones((length, length), np.bool_), 1)
        none = np.zeros((length, length), np.bool_)
        given = [rng.standard_normal(shape), causal if mask else none]
        return [*given, ends] if padding else given

    names = [n for n, given in (("causal mask", mask), ("padding", padding)) if given]
    return case(make(draw=draw), shape, f", {' and '.join(names)}")


# What is dropped adds nothing, as if the weights that lead to it or away from it were zero.
ZEROED = {
    "dropout1": ("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
    "dropout": ("linear2.weight",),
    "dropout2": ("linear2.weight", "linear2.bias"),
}


def dropping(dropped, shape, **options):
    """A layer that drops everything in one place, and nothing in the others."""
    depth, width = shape[-1], 2
    without = encoder_layer(depth, 1, width, **options)
    layer = replace(without, args=(depth, 1, width, 1.0))

    def run(scene):
        rng = Quarters(scene.rng)
        contract = Contract(scene.student, scene.worker, rng, scene.oracle, scene.parity)
        parameters = contract.draw_parameters(layer)
        x, grad_out = rng.standard_normal(shape), rng.standard_normal(shape)
        instance = contract.make(layer, parameters)
        for other in ZEROED.keys() - {dropped}:
            getattr(instance, other).p = 0.0
        zeros = {name: np.zeros(layer.parameters[name]) for name in ZEROED[dropped]}
        expected = contract.expect(without, parameters | zeros, [x], grad_out)
        scene.parity("output", instance.forward(x), expected.output)
        scene.parity("gradient of the input", instance.backward(grad_out), expected.grad_input)

    return Probe(layer.name, f"{layer.call}, only {dropped} drops, x of shape {shape}", run)


def ordered(shape, **options):
    """The network with a Sigmoid in place of its dropout: what it gives tells where that is."""
    layer = encoder_layer(shape[-1], 1, 2, **options)

    def run(scene):
        rng = Quarters(scene.rng)
        contract = Contract(scene.student, scene.worker, rng, scene.oracle, scene.parity)
        parameters, x = contract.draw_parameters(layer), rng.standard_normal(shape)
        instance = contract.make(layer, parameters)
        instance.dropout = scene.worker.call("week_1.activations.Sigmoid")
        hidden = x @ parameters["linear1.weight"].T + parameters["linear1.bias"]
        y = 1 / (1 + np.exp(-np.maximum(hidden, 0)))
        wanted = y @ parameters["linear2.weight"].T + parameters["linear2.bias"]
        scene.parity("output of the network", instance.feed_forward(x), wanted)

    title = f"{layer.call}, a Sigmoid as the network's dropout, x of shape {shape}"
    return Probe(layer.name, title, run)


SMALL = partial(encoder_layer, 3, 1, 2)
WIDE = partial(encoder_layer, 4, 2, 3)

PROBES = [
    case(SMALL(layer_norm_eps=1.0), (1, 1, 3)),
    case(SMALL(layer_norm_eps=0.5), (1, 2, 3)),
    case(SMALL(norm_first=True, layer_norm_eps=1.0), (1, 1, 3)),
    case(SMALL(norm_first=True, layer_norm_eps=0.5), (2, 3)),
    case(WIDE(), (2, 3, 4)),
    case(WIDE(norm_first=True), (2, 3, 4)),
    case(WIDE(activation="gelu"), (1, 2, 4)),
    case(WIDE(activation="gelu"), (2, 3, 4)),
    with_masks(WIDE, (1, 2, 4), mask=True),
    with_masks(WIDE, (1, 2, 4), padding=True),
    with_masks(partial(WIDE, norm_first=True), (2, 3, 4), mask=True, padding=True),
    *(dropping(name, (1, 2, 3), layer_norm_eps=1.0) for name in ZEROED),
    dropping("dropout", (2, 2, 3)),
    dropping("dropout1", (1, 2, 3), norm_first=True),
    dropping("dropout2", (1, 2, 3), norm_first=True),
    ordered((1, 2, 3)),
    ordered((2, 1, 4)),
    case(stack(3, 1), (1, 1, 3)),
    case(stack(3, 1, norm=True), (1, 2, 3)),
    case(stack(3, 2), (1, 2, 3)),
    case(stack(3, 2, norm=True), (2, 2, 3)),
    case(stack(3, 3, norm=True), (2, 2, 3)),
    with_masks(partial(stack, 3, 2), (1, 3, 3), mask=True),
    with_masks(partial(stack, 3, 2, norm=True), (2, 3, 3), mask=True, padding=True),
    with_masks(partial(stack, 3, 2), (2, 3, 3), padding=True),
]
