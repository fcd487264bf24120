"""VisionTransformer: logits, all gradients, initial weights, defaults, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from autograder.layers import Layer

IMAGE, PATCH, CHANNELS, DEPTH, HEADS, WIDTH, CLASSES = (4, 6), 2, 2, 8, 2, 12, 5
TOKENS = 1 + 2 * 3
IMAGES = (3, CHANNELS, *IMAGE)


def encoder(layers, depth, width):
    """The shapes of an encoder's parameters, of so many layers and a norm behind them."""
    shapes = {
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
    inside = {f"layers.{i}.{name}": s for i in range(layers) for name, s in shapes.items()}
    return inside | {"norm.weight": (depth,), "norm.bias": (depth,)}


def vit(layers=1, depth=DEPTH, width=WIDTH, channels=CHANNELS, classes=CLASSES, **options):
    """A small Vision Transformer, and the shapes of its parameters."""
    parameters = {
        "embedding.projection.weight": (depth, channels, PATCH, PATCH),
        "embedding.projection.bias": (depth,),
        "embedding.class_token": (depth,),
        "embedding.positions": (TOKENS, depth),
        **{f"encoder.{name}": shape for name, shape in encoder(layers, depth, width).items()},
        "head.weight": (classes, depth),
        "head.bias": (classes,),
    }
    args = (IMAGE, PATCH, layers, HEADS, depth, width)
    options = {"num_classes": classes, "in_channels": channels} | options
    made = (args, options, parameters)
    return Layer("vit", "VisionTransformer", *made, oracle="vision_transformer")


VIT = vit()

test_vision_transformer_forward = VIT.forward(IMAGES, title="logits", weight=6)
test_vision_transformer_backward = VIT.backward(IMAGES, title="gradient of the images", weight=5)
### BEGIN HIDDEN TESTS


def dropped(contract, layer):
    """What the layers would add is dropped: what is left passes the last norm and the head."""
    parameters, images = contract.draw_parameters(layer), contract.rng.standard_normal(IMAGES)
    grad_out = contract.rng.standard_normal((len(images), CLASSES))
    expected = vars(contract.expect(layer, parameters, [images], grad_out))
    instance = contract.make(layer, parameters)
    contract.parity("logits", instance.forward(images), expected["output"])
    instance.backward(grad_out)
    for name in ("embedding.class_token", "head.weight"):
        contract.parity(
            f"gradient of {name}", instance.read(f"{name}.grad"), expected[f"grad_{name}"]
        )


test_vision_transformer_parameter_grads = VIT.parameter_grads(
    IMAGES, title="gradients of all parameters, added up", weight=6
)
test_vision_transformer_layers = vit(3).parameter_grads(
    IMAGES, title="gradients of three layers", weight=3
)
test_vision_transformer_second_call = VIT.second_call(IMAGES, (2, CHANNELS, *IMAGE))
test_vision_transformer_float32 = VIT.float32(IMAGES, rtol=2e-3, weight=2)
test_vision_transformer_unchanged_inputs = VIT.unchanged_inputs(IMAGES)
test_vision_transformer_large_backward = VIT.large_backward((640, CHANNELS, *IMAGE), weight=2)
test_vision_transformer_wrong_shape = VIT.wrong_shape(
    (3, CHANNELS, 6, 4), (3, 1, 4, 6), (CHANNELS, 4, 6), right=IMAGES
)
test_vision_transformer_dropout = vit(dropout=1.0).keeps(
    "dropout in its layers, everything dropped", dropped, weight=2
)


@pytest.mark.check(weight=3, needs="test_vision_transformer_forward")
def test_vision_transformer_initial(contract, student, worker, parity):
    """VisionTransformer: every matrix is drawn by itself, by the rng, from its interval"""
    layer, drawn = vit(2, 32, 40), []
    make = student.vit.VisionTransformer
    states = [
        make(*layer.args, **layer.options, rng=worker.generator(seed)).state_dict()
        for seed in (6, 6, 7)
    ]
    for name, shape in layer.parameters.items():
        values, same, other = (parity.array(name, parity.item(s, name), shape) for s in states)
        parity(f"{name}, same rng", same, values, trivial=True)
        if name.startswith("encoder") and values.ndim == 2:
            largest = float(np.abs(values).max() / math.sqrt(6 / sum(shape)))
            message = f"{name}: {largest:.3f} times the bound of √(6 / (rows + columns))"
            parity.holds(f"range of {name}", 0.95 < largest <= 1, message)
            copied = any(np.array_equal(values, one) for one in drawn)
            parity.holds(f"{name} by itself", not copied, f"{name} is that of another layer")
            drawn.append(values)
        if values.ndim > 1:
            message = f"{name} is the same with another rng"
            parity.holds(f"{name}, another rng", not np.array_equal(values, other), message)
    contract.parameter_grads(vit(2), IMAGES)


@pytest.mark.check(weight=2, needs="test_vision_transformer_forward")
def test_vision_transformer_defaults(contract, student, parity):
    """VisionTransformer: what isn't said, and what is said reaches the layers"""
    images = (3, 3, *IMAGE)
    contract.both(replace(vit(channels=3, classes=1000), options={}), images)
    half = student.vit.VisionTransformer(*VIT.args, 0.5)
    for name in ("dropout", "dropout1", "dropout2"):
        parity.equal(f"p of {name}", half.read(f"encoder.layers.0.{name}.p"), 0.5)


### END HIDDEN TESTS
