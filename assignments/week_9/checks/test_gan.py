"""Generator, Discriminator, their losses, and one step of each network."""

import numpy as np
import pytest

from autograder.layers import Layer

SMALL = {"generator": (5, (7, 6), 8), "discriminator": (8, (6, 5))}  # of the steps
# The mean of a batch takes these out again: what is left of their gradients is rounding.
NO_GRADIENT = ("generator.layers.0.bias", "generator.layers.3.bias")
RATE = 0.3
VALUE_ERROR = frozenset({"ValueError"})  # what the handout promises for a wrong gradient


def linear(place, inputs, outputs):
    return {f"layers.{place}.weight": (outputs, inputs), f"layers.{place}.bias": (outputs,)}


def generator(latent_dim=5, hidden=(7, 6), features=8):
    shapes, width = {}, latent_dim
    for i, size in enumerate(hidden):
        norm = {f"layers.{3 * i + 1}.{name}": (size,) for name in ("weight", "bias")}
        shapes, width = shapes | linear(3 * i, width, size) | norm, size
    shapes |= linear(3 * len(hidden), width, features)
    args = (latent_dim, hidden, features)
    return Layer("gan", "Generator", args, parameters=shapes, oracle="gan")


def discriminator(features=8, hidden=(6, 5), *slope):
    shapes, width = {}, features
    for i, size in enumerate(hidden):
        shapes, width = shapes | linear(2 * i, width, size), size
    shapes |= linear(2 * len(hidden), width, 1)
    args = (features, hidden, *slope)
    return Layer("gan", "Discriminator", args, parameters=shapes, oracle="gan")


def two_sets(rng, shape):
    """Logits of real images, and of fake ones, of which there are three more."""
    rows, *rest = shape
    return [2 * rng.standard_normal(shape), 2 * rng.standard_normal((rows + 3, *rest))]


def logits(rng, shape):
    return 2 * rng.standard_normal(shape)


GENERATOR, DISCRIMINATOR = generator(), discriminator()
D_LOSS = Layer("gan", "DiscriminatorLoss", draw=two_sets, oracle="gan")
G_LOSS = Layer("gan", "GeneratorLoss", draw=logits, oracle="gan")
MINIMAX = Layer("gan", "GeneratorLoss", ("minimax",), draw=logits, oracle="gan")

test_generator_forward = GENERATOR.forward((6, 5), weight=2)
test_generator_backward = GENERATOR.backward((6, 5), weight=2)


@pytest.mark.check(weight=2)
def test_discriminator_forward(contract, parity):
    """Discriminator: the output, logits of either sign"""
    parameters, x = contract.draw_parameters(DISCRIMINATOR), contract.rng.standard_normal((6, 8))
    last = {name: value for name, value in parameters.items() if name.startswith("layers.4.")}
    for when, sign in (("", 1), (", the last layer turned around", -1)):
        turned = parameters | {name: sign * value for name, value in last.items()}
        expected = contract.expect(DISCRIMINATOR, turned, [x]).output
        parity(f"output{when}", contract.make(DISCRIMINATOR, turned).forward(x), expected)


test_discriminator_backward = DISCRIMINATOR.backward((6, 8), weight=2)


@pytest.mark.check(weight=2)
def test_softplus(student, parity, rng):
    """softplus: log(1 + exp(x))"""
    x = 3 * rng.standard_normal((4, 3))
    parity("softplus", student.gan.softplus(x), np.logaddexp(0, x))


test_discriminator_loss_forward = D_LOSS.forward((5, 1), weight=2, title="the loss")
test_discriminator_loss_backward = D_LOSS.backward((5, 1), weight=2, title="both gradients")
test_generator_loss_forward = G_LOSS.forward((5, 1), weight=2, title="the non-saturating loss")
test_generator_loss_backward = G_LOSS.backward((5, 1), weight=2, title="its gradient")


class Pair:
    """A small GAN in the worker, its weights, and what its steps find on these arrays."""

    def __init__(self, student, weeks, oracle, parity, rng, kind="non_saturating"):
        self.oracle, self.parity, self.kind = oracle, parity, kind
        self.parameters, self.networks, optimizers = {}, {}, {}
        for name, layer in (("generator", GENERATOR), ("discriminator", DISCRIMINATOR)):
            state = {n: rng.standard_normal(s) for n, s in layer.parameters.items()}
            self.parameters |= {f"{name}.{n}": values for n, values in state.items()}
            network = self.networks[name] = getattr(student.gan, layer.name)(*SMALL[name])
            network.load_state_dict(state)
            optimizers[name] = weeks(3).optim.SGD(network.parameters(), lr=RATE)
        networks = self.networks.values()
        said = () if kind == "non_saturating" else (kind,)
        self.gan = student.gan.GAN(*networks, *optimizers.values(), *said)
        self.real, self.z = rng.uniform(-1, 1, (6, 8)), rng.standard_normal((6, 5))

    def expect(self, step):
        inputs = [self.real, self.z] if step == "discriminator_step" else [self.z]
        options = SMALL | {"kind": self.kind}
        return vars(self.oracle.gan(step, [], options, self.parameters, inputs, rate=RATE))

    def step(self, name):
        """Take it, and compare the loss and where the weights have moved."""
        expected = self.expect(name)
        inputs = (self.real, self.z) if name == "discriminator_step" else (self.z,)
        self.parity(f"loss of {name}", getattr(self.gan, name)(*inputs), expected["loss"])
        moving = name.removesuffix("_step")
        for parameter in self.shapes(moving):
            key = f"{moving}.{parameter}"
            got = self.networks[moving].read(f"{parameter}.data")
            self.parity(f"{key}, moved", got, expected[f"moved_{key}"])
            self.parameters[key] = expected[f"moved_{key}"]
        return expected

    def shapes(self, name):
        return (GENERATOR if name == "generator" else DISCRIMINATOR).parameters

    def gradients(self, name, expected):
        for parameter in self.shapes(name):
            got, key = self.networks[name].read(f"{parameter}.grad"), f"{name}.{parameter}"
            if key not in NO_GRADIENT:
                self.parity(f"gradient of {key}", got, expected[f"grad_{key}"])

    def unmoved(self, name):
        """The parameters of a network are what they were."""
        for parameter in self.shapes(name):
            got = self.networks[name].read(f"{parameter}.data")
            before = self.parameters[f"{name}.{parameter}"]
            self.parity(f"{name}.{parameter} stays", got, before, trivial=True)

    def stayed(self, name, grad=None):
        """The parameters of a network are what they were, and its gradients are these."""
        self.unmoved(name)
        for parameter, shape in self.shapes(name).items():
            got = self.networks[name].read(f"{parameter}.grad")
            wanted = np.zeros(shape) if grad is None else grad[parameter]
            self.parity(f"gradient of {name}.{parameter} stays", got, wanted, trivial=True)

    def dirty(self, name, rng):
        """Gradients that are left from something else."""
        inputs, outputs = (5, 8) if name == "generator" else (8, 1)
        network = self.networks[name]
        network.forward(rng.standard_normal((6, inputs)))
        network.backward(rng.standard_normal((6, outputs)))
        return {
            parameter: self.parity.array(f"{parameter}.grad", network.read(f"{parameter}.grad"), s)
            for parameter, s in self.shapes(name).items()
        }


@pytest.fixture
def make_pair(student, weeks, oracle, parity, rng):
    """A function that makes a small GAN, with other weights each time."""
    return lambda **options: Pair(student, weeks, oracle, parity, rng, **options)


NETWORKS = ["test_generator_forward", "test_discriminator_forward"]


@pytest.mark.check(weight=3, needs=[*NETWORKS, "test_discriminator_loss_forward"])
def test_gan_discriminator_step(make_pair):
    """GAN: a step of the discriminator"""
    make_pair().step("discriminator_step")


@pytest.mark.check(weight=3, needs=[*NETWORKS, "test_generator_loss_forward"])
def test_gan_generator_step(make_pair):
    """GAN: a step of the generator"""
    pair = make_pair()
    pair.gradients("generator", pair.step("generator_step"))
