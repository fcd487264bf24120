"""Small cases of VisionTransformer: one patch and several, one layer and two."""

from dataclasses import replace

import numpy as np

from autograder.layers import Contract, Layer, Probe, as_float32, probing


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


def vit(image, depth=4, heads=1, width=2, layers=1, classes=2, channels=1, **options):
    """One patch for each pixel."""
    parameters = {
        "embedding.projection.weight": (depth, channels, 1, 1),
        "embedding.projection.bias": (depth,),
        "embedding.class_token": (depth,),
        "embedding.positions": (1 + image[0] * image[1], depth),
        **{f"encoder.{name}": shape for name, shape in encoder(layers, depth, width).items()},
        "head.weight": (classes, depth),
        "head.bias": (classes,),
    }
    args = (image, 1, layers, heads, depth, width)
    options = {"num_classes": classes, "in_channels": channels} | options
    made = (args, options, parameters)
    return Layer("vit", "VisionTransformer", *made, oracle="vision_transformer")


class Halves:
    """A generator of smaller numbers: the weights of the attention shall not be 0 and 1."""

    def __init__(self, rng):
        self.rng = rng

    def standard_normal(self, size):
        return self.rng.standard_normal(size) / 2


def case(layer, images):
    def run(scene):
        probing.run(layer, images, replace(scene, rng=Halves(scene.rng)))

    return Probe(layer.name, f"{layer.call}, images of shape {images}", run)


def single(layer, images):
    """Logits and gradient in float32."""

    def run(scene):
        rng = Halves(scene.rng)
        contract = Contract(scene.student, scene.worker, rng, scene.oracle, scene.parity)
        parameters = {n: as_float32(v) for n, v in contract.draw_parameters(layer).items()}
        x = as_float32(rng.standard_normal(images))
        grad_out = as_float32(contract.upstream(layer, parameters, [x]))
        expected = contract.expect(layer, parameters, [x], grad_out)
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(x), as_float32(expected.output), rtol=2e-3)
        got, wanted = instance.backward(grad_out), as_float32(expected.grad_input)
        scene.parity("gradient of the input", got, wanted, rtol=2e-3)

    return Probe(layer.name, f"{layer.call}, images of float32 and shape {images}", run)


def dropping(layer, images):
    """What the layers would add is dropped; the oracle drops it too."""

    def run(scene):
        rng = Halves(scene.rng)
        contract = Contract(scene.student, scene.worker, rng, scene.oracle, scene.parity)
        parameters, x = contract.draw_parameters(layer), rng.standard_normal(images)
        expected = contract.expect(layer, parameters, [x])
        got = contract.make(layer, parameters).forward(x)
        scene.parity("output", got, expected.output)

    return Probe(layer.name, f"{layer.call}, images of shape {images}", run)


def same_rng(image, depth):
    """Two instances with the same generator begin with the same values."""

    def run(scene):
        make = scene.student.vit.VisionTransformer
        states = [
            make(image, 1, 1, 1, depth, 2, num_classes=2, rng=scene.worker.generator(3))
            for _ in range(2)
        ]
        for name in ("embedding.projection.weight", "embedding.positions", "head.weight"):
            one, same = (state.read(f"{name}.data") for state in states)
            label = f"{name}, same rng"
            scene.parity.holds(label, np.array_equal(one, same), f"{label}: other values")

    return Probe("VisionTransformer", f"two with the same rng, D = {depth}", run)


PROBES = [
    case(vit((1, 1), classes=1), (1, 1, 1, 1)),
    case(vit((1, 2)), (1, 1, 1, 2)),
    case(vit((2, 1)), (2, 1, 2, 1)),
    case(vit((2, 3), channels=2), (2, 2, 2, 3)),
    case(vit((2, 2), depth=6, heads=2, width=3, classes=3), (3, 1, 2, 2)),
    case(vit((1, 2), layers=2), (2, 1, 1, 2)),
    case(vit((2, 1), heads=2), (1, 1, 2, 1)),
    case(vit((2, 2), layers=2), (1, 1, 2, 2)),
    single(vit((1, 2)), (1, 1, 1, 2)),
    single(vit((2, 2)), (2, 1, 2, 2)),
    *vit((1, 2)).promised((2, 1, 1, 2), (1, 1, 1, 2)),
    dropping(vit((1, 2), dropout=1.0), (1, 1, 1, 2)),
    dropping(vit((2, 2), dropout=1.0), (2, 1, 2, 2)),
    same_rng((1, 2), 5),
    same_rng((2, 2), 4),
]
