"""Small cases of both networks, their losses, softplus, and a step of each network."""

import numpy as np

from autograder.layers import Layer
from autograder.layers.contract import Contract
from autograder.probes.probe import Probe


def linear(place, inputs, outputs):
    return {f"layers.{place}.weight": (outputs, inputs), f"layers.{place}.bias": (outputs,)}


def generator(latent_dim, hidden, features):
    shapes, width = {}, latent_dim
    for i, size in enumerate(hidden):
        norm = {f"layers.{3 * i + 1}.{name}": (size,) for name in ("weight", "bias")}
        shapes, width = shapes | linear(3 * i, width, size) | norm, size
    shapes |= linear(3 * len(hidden), width, features)
    args = (latent_dim, hidden, features)
    return Layer("gan", "Generator", args, parameters=shapes, draw=small, oracle="gan")


def discriminator(features, hidden, *slope):
    shapes, width = {}, features
    for i, size in enumerate(hidden):
        shapes, width = shapes | linear(2 * i, width, size), size
    shapes |= linear(2 * len(hidden), width, 1)
    args = (features, hidden, *slope)
    return Layer("gan", "Discriminator", args, parameters=shapes, draw=small, oracle="gan")


def small(rng, shape):
    return rng.standard_normal(shape) / 2


def two_sets(rng, shape):
    """Logits of real images, and of fake ones, of which there is one more."""
    rows, *rest = shape
    return [rng.standard_normal(shape), rng.standard_normal((rows + 1, *rest))]


def generated(latent_dim, hidden, features, shape):
    """The batch norm takes the biases before it out again: their gradients are rounding."""
    layer = generator(latent_dim, hidden, features)
    names = [n for n in layer.parameters if n not in {f"layers.{3 * i}.bias" for i in (0, 1)}]

    def run(scene):
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        parameters, inputs = contract.draw_parameters(layer), layer.inputs(scene.rng, shape)
        grad_out = contract.upstream(layer, parameters, inputs)
        expected = vars(contract.expect(layer, parameters, inputs, grad_out))
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(*inputs), expected["output"])
        got = instance.backward(grad_out)
        scene.parity("gradient of the input", got, expected["grad_input"])
        for name in names:
            wanted = expected[f"grad_{name}"]
            scene.parity(f"gradient of {name}", instance.read(f"{name}.grad"), wanted)

    return Probe(layer.name, f"{layer.call}, z of shape {shape}", run)


def softplus(*values):
    x = np.array(values)

    def run(scene):
        scene.parity("softplus", scene.student.gan.softplus(x), np.logaddexp(0, x))

    return Probe("softplus", f"softplus({list(values)})", run)


D_LOSS = Layer("gan", "DiscriminatorLoss", draw=two_sets, oracle="gan")
G_LOSS = Layer("gan", "GeneratorLoss", oracle="gan")
MINIMAX = Layer("gan", "GeneratorLoss", ("minimax",), oracle="gan")

PROBES = [
    softplus(0.0),
    softplus(1.0, -1.0),
    softplus(2.0, -3.0, 0.5),
    softplus(-40.0),
    softplus(-30.0, -50.0),
    softplus(800.0),
    softplus(1000.0, -1.0),
    *D_LOSS.probes((1,), (1, 1), (2, 1), (3, 2)),
    *G_LOSS.probes((1,), (2, 1), (3, 1)),
    *MINIMAX.probes((1,), (2, 1), (3, 1)),
    *generator(1, (), 1).probes((1, 1)),
    *generator(2, (), 3).probes((2, 2)),
    generated(2, (2,), 1, (4, 2)),
    generated(2, (3,), 2, (4, 2)),
    generated(3, (2,), 2, (5, 3)),
    generated(2, (3, 2), 2, (6, 2)),
    *discriminator(1, ()).probes((1, 1)),
    *discriminator(1, (2,)).probes((1, 1), (3, 1)),
    *discriminator(3, (2,), 0.5).probes((2, 3)),
    *discriminator(2, (3, 2), 0.1).probes((3, 2)),
]
