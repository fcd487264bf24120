"""Small cases of PatchEmbedding: images and patches that are no squares, the class token."""

import math
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, as_float32


def embedding(image, patch, channels=1, depth=1):
    """A PatchEmbedding, with the shapes of its parameters, for an image (H, W)."""
    count = math.prod(size // part for size, part in zip(image, patch, strict=True))
    parameters = {
        "projection.weight": (depth, channels, *patch),
        "projection.bias": (depth,),
        "class_token": (depth,),
        "positions": (1 + count, depth),
    }
    args = (image, patch, channels, depth)
    return Layer(
        "patch_embedding", "PatchEmbedding", args, {}, parameters, oracle="vision_transformer"
    )


def contract_of(scene):
    return Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)


def case(layer, what, run):
    return Probe(layer.name, f"{layer.call}, {what}", partial(run, layer))


def initial(layer):
    """The class token of a new instance is zero, and its positions are small."""

    def run(layer, scene):
        rng = scene.worker.generator(1)  # always the same, as the size is told in words
        made = scene.student.patch_embedding.PatchEmbedding(*layer.args, **layer.options, rng=rng)
        depth, shape = layer.args[3], layer.parameters["positions"]
        scene.parity("class_token", made.read("class_token.data"), np.zeros(depth))
        positions = scene.parity.array("positions", made.read("positions.data"), shape)
        size = float(np.sqrt(np.mean(positions**2)))
        label = "size of the positions"
        found = f"about {size:.1g}" if size else "all zero"
        message = f"the positions of a new instance are {found}: expected numbers of about 0.02"
        scene.parity.holds(label, 0.015 < size < 0.025, message)

    return case(layer, "when it is new", run)


def single(layer, images):
    """Tokens and gradient in float32."""

    def run(layer, scene):
        contract = contract_of(scene)
        parameters = {n: as_float32(v) for n, v in contract.draw_parameters(layer).items()}
        x = as_float32(scene.rng.standard_normal(images))
        grad_out = as_float32(contract.upstream(layer, parameters, [x]))
        expected = contract.expect(layer, parameters, [x], grad_out)
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(x), as_float32(expected.output))
        got, wanted = instance.backward(grad_out), as_float32(expected.grad_input)
        scene.parity("gradient of the input", got, wanted)

    return case(layer, f"images of float32 and shape {images}", run)


def refused(layer, images):
    """Images of another shape are an error."""

    def run(layer, scene):
        instance = contract_of(scene).make(layer)
        call = partial(instance.forward, scene.rng.standard_normal(images))
        scene.parity.refuses("images of another shape", call, "a ValueError")

    return case(layer, f"images of shape {images}", run)


def gradient_refused(layer, images, other):
    """A gradient of another shape than the tokens is an error."""

    def run(layer, scene):
        instance = contract_of(scene).make(layer)
        instance.forward(scene.rng.standard_normal(images))
        call = partial(instance.backward, scene.rng.standard_normal(other))
        scene.parity.refuses("a grad_out of another shape", call, "a ValueError")

    return case(layer, f"grad_out of shape {other}", run)


PAIR = embedding((1, 2), (1, 1))
GRID = embedding((2, 3), (1, 1), 1, 2)
WIDE = embedding((4, 3), (2, 1), 2, 3)

PROBES = [
    *embedding((1, 1), (1, 1)).probes((1, 1, 1, 1), (2, 1, 1, 1)),
    *PAIR.probes((1, 1, 1, 2)),
    *embedding((1, 2), (1, 2)).probes((1, 1, 1, 2)),
    *embedding((1, 2), (1, 1), 1, 2).probes((2, 1, 1, 2)),
    *embedding((2, 2), (1, 1), 2, 1).probes((1, 2, 2, 2)),
    *GRID.probes((2, 1, 2, 3)),
    *WIDE.probes((2, 2, 4, 3)),
    *embedding((2, 4), (2, 2), 1, 3).probes((3, 1, 2, 4)),
    *embedding((4, 2), (2, 2), 2, 3).probes((2, 2, 4, 2)),
    *embedding((2, 6), (2, 3), 2, 2).probes((1, 2, 2, 6)),
    initial(embedding((20, 20), (1, 1), 1, 2)),
    initial(embedding((16, 16), (1, 1), 1, 3)),
    *PAIR.promised((2, 1, 1, 2), (1, 1, 1, 2)),
    single(PAIR, (1, 1, 1, 2)),
    single(GRID, (2, 1, 2, 3)),
    refused(embedding((2, 3), (1, 1)), (1, 1, 3, 2)),
    refused(embedding((1, 4), (1, 2)), (1, 1, 2, 2)),
    gradient_refused(PAIR, (2, 1, 1, 2), (1, 3, 1)),
    gradient_refused(PAIR, (1, 1, 1, 2), (3, 1)),
    gradient_refused(GRID, (2, 1, 2, 3), (1, 7, 2)),
]
