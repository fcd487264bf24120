"""Generator, Discriminator, their losses, and one step of each network."""

from functools import partial

import numpy as np
import pytest

from autograder.layers import Contract, Layer, as_float32

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


### BEGIN HIDDEN TESTS
def normalised_grads(contract, layer, shape):
    """The gradients of the parameters, twice; of biases before a batch norm there are none."""
    parameters = contract.draw_parameters(layer)
    instance, total = contract.make(layer, parameters), dict.fromkeys(parameters, 0.0)
    for when in ("", " after a second backward"):
        inputs = layer.inputs(contract.rng, shape)
        grad_out = contract.upstream(layer, parameters, inputs)
        expected = vars(contract.expect(layer, parameters, inputs, grad_out))
        instance.forward(*inputs)
        instance.backward(grad_out)
        for name in parameters:
            total[name] = total[name] + expected[f"grad_{name}"]
            if f"generator.{name}" not in NO_GRADIENT:
                got = instance.read(f"{name}.grad")
                contract.parity(f"gradient of {name}{when}", got, total[name])


test_generator_parameter_grads = GENERATOR.keeps(
    "gradients of all parameters, added up", normalised_grads, (6, 5), weight=3
)
test_generator_other_layers = generator(3, (9,), 4).both((7, 3), title="one hidden layer", weight=2)
test_generator_second_call = GENERATOR.second_call((6, 5), (4, 5))
# (2, 9, 3) fits every layer: nine are features to batch norm, and the axis of z is the last one.
test_generator_wrong_shape = generator(3, (9,), 4).wrong_shape(
    (6, 4), (3,), (2, 9, 3), right=(6, 3)
)
test_discriminator_parameter_grads = DISCRIMINATOR.parameter_grads(
    (6, 8), title="gradients of all parameters, added up", weight=3
)
test_discriminator_other_layers = discriminator(6, (9,), 0.4).both(
    (7, 6), title="one hidden layer, another slope", weight=2
)
test_discriminator_float32 = DISCRIMINATOR.float32((6, 8))
test_discriminator_wrong_shape = DISCRIMINATOR.wrong_shape((6, 7), (8,), (2, 3, 8), right=(6, 8))


@pytest.mark.check(weight=2, needs="test_generator_forward")
def test_generator_float32(contract, parity):
    """Generator: float32 stays float32"""
    parameters = {n: as_float32(v) for n, v in contract.draw_parameters(GENERATOR).items()}
    z = as_float32(contract.rng.standard_normal((6, 5)))
    grad_out = as_float32(contract.rng.standard_normal((6, 8)))
    expected = contract.expect(GENERATOR, parameters, [z], grad_out)
    instance = contract.make(GENERATOR, parameters)
    parity("images", instance.forward(z), as_float32(expected.output), rtol=1e-3)
    wanted = as_float32(expected.grad_input)
    parity("gradient of z", instance.backward(grad_out), wanted, rtol=1e-2)


@pytest.mark.check(weight=3, needs="test_generator_forward")
def test_generator_sample(contract, worker, parity):
    """Generator: sample draws z, works in evaluation mode, and leaves everything as it was"""
    parameters = contract.draw_parameters(GENERATOR)
    instance = contract.make(GENERATOR, parameters)
    seed = int(contract.rng.integers(1 << 31))
    for count, mode in ((9, True), (1, False)):
        instance.train(mode)
        z = np.random.default_rng(seed).standard_normal((count, 5))
        wanted = contract.expect(GENERATOR, parameters, [z], training=False).output
        for when in ("", " again"):
            got = instance.sample(count, worker.generator(seed))
            parity(f"sample of {count}{when}", got, wanted)
        parity.equal("training, of the generator", instance.read("training"), mode)
        for place in (1, 4):
            inside = instance.read(f"layers.{place}.training")
            parity.equal(f"training, of its batch norm layers.{place}", inside, mode)
    parity.refuses("a sample of 0", lambda: instance.sample(0, worker.generator(seed)))


def initial_like_torch(contract, layer, biggest):
    """As it is made by default: these sizes, every weight from torch's interval and from rng,
    and from a fresh one where none is given."""
    make = getattr(contract.student.gan, layer.name)
    seeds = [contract.rng.integers(1 << 31) for _ in range(2)]
    one, same, other = (
        make(rng=contract.worker.generator(int(seed))).state_dict()
        for seed in (seeds[0], seeds[0], seeds[1])
    )
    shapes = biggest.parameters
    one, same, other, fresh, fresher = (
        contract.parity.arrays("state_dict", state, list(shapes.values()))
        for state in (one, same, other, make().state_dict(), make().state_dict())
    )
    for name, shape in shapes.items():
        if len(shape) == 2:
            drawn = contract.parity.array(name, contract.parity.item(one, name), shape)
            contract.parity(f"{name}, same rng", contract.parity.item(same, name), drawn)
            again = contract.parity.array(name, contract.parity.item(other, name), shape)
            contract.parity.holds(f"{name}, another rng", (drawn != again).any(), "not from rng")
            first, second = (
                contract.parity.array(name, contract.parity.item(state, name), shape)
                for state in (fresh, fresher)
            )
            message = f"{name} is the same in two instances without an rng"
            contract.parity.holds(f"{name}, no rng", (first != second).any(), message)
            largest = float(np.abs(drawn).max() * np.sqrt(shape[1]))
            message = f"{name}: up to {largest:.3f} times 1/√{shape[1]}"
            contract.parity.holds(f"range of {name}", 0.8 < largest <= 1, message)
    contract.forward(layer, (6, layer.args[0] if layer is GENERATOR else 8))


test_generator_initial = GENERATOR.keeps(
    "usual sizes, initial weights", initial_like_torch, generator(16, (64, 128), 64)
)
test_discriminator_initial = DISCRIMINATOR.keeps(
    "usual sizes, initial weights", initial_like_torch, discriminator(64, (128, 64))
)


@pytest.mark.check(weight=2, needs="test_discriminator_forward")
def test_discriminator_defaults(contract, parity):
    """Discriminator: the slope that isn't said"""
    layer = discriminator(8, (6, 5))
    parameters, x = contract.draw_parameters(layer), 3 * contract.rng.standard_normal((6, 8))
    instance = contract.make(layer, parameters)
    expected = contract.expect(layer, parameters, [x], np.ones((6, 1)))
    parity("logits", instance.forward(x), expected.output)
    parity("gradient of x", instance.backward(np.ones((6, 1))), expected.grad_input)


@pytest.mark.check(weight=3, needs="test_softplus")
def test_softplus_stability(contract, student, parity, rng):
    """softplus: at ±1000, far below zero, in float32, without a warning"""
    x = np.concatenate([[-1000.0, 1000.0, -40.0, 40.0, 0.0], 300 * rng.standard_normal(5)])
    parity("softplus", student.gan.softplus(x), np.logaddexp(0, x))
    small = as_float32(rng.standard_normal(6))
    parity("in float32", student.gan.softplus(small), as_float32(np.logaddexp(0, small)))
    low = rng.uniform(-45, -38, 4)  # log(1 + exp(-40)) is 0 where 1 + exp(-40) is computed
    tiny = parity.array("softplus far below 0", student.gan.softplus(low), (4,))
    parity("softplus far below 0, times 1e18", 1e18 * tiny, 1e18 * np.exp(low))
    contract.quiet("softplus", lambda: student.gan.softplus(x))


def loss_and_gradients(contract, layer, inputs):
    """The loss, and a gradient for each of the logits, upstream other than 1."""
    grad_out = float(contract.rng.uniform(0.5, 2))
    expected = contract.expect(layer, {}, inputs, grad_out)
    instance = contract.make(layer)
    contract.parity("loss", instance.forward(*inputs), expected.output)
    got = instance.backward(grad_out)
    wanted = [value for name, value in sorted(vars(expected).items()) if name != "output"]
    parts = contract.parity.parts("gradients", got, 2) if len(wanted) == 2 else (got,)
    for part, gradient in zip(parts, wanted, strict=True):
        contract.parity(f"gradient {gradient.shape}", part, gradient)
    return instance


def extreme(contract, layer, sets):
    """Logits of ±1000, and mostly of one sign, without a warning."""
    rng = contract.rng
    for low, high in ((-1000.0, 1000.0), (-1000.0, 5.0), (-5.0, 1000.0)):
        inputs = [rng.uniform(low, high, (4 + i, 1)) for i in range(sets)]
        for x in inputs:
            x[:2, 0] = low, high
        instance = loss_and_gradients(contract, layer, inputs)
    contract.quiet("forward", lambda: instance.forward(*inputs))


def unlike_sizes(contract, layer):
    """Logits in a row, and of one more axis."""
    for shape in ((4,), (3, 1, 2)):
        loss_and_gradients(contract, layer, layer.inputs(contract.rng, shape))


def refuses_empty(contract, layer, sets):
    """No logits are no batch, and a gradient of the loss is one number."""
    right = layer.inputs(contract.rng, (5, 1))
    for place in range(sets):
        wrong = [x[:0] if i == place else x for i, x in enumerate(right)]
        contract.refuses("no logits", lambda w=wrong: contract.make(layer).forward(*w))
    instance = loss_and_gradients(contract, layer, right)
    for shape in ((5, 1), (1,), (1, 1)):
        wrong = contract.rng.standard_normal(shape)
        call = partial(instance.backward, wrong)
        contract.parity.refuses(f"a grad_out of shape {shape}", call, kinds=VALUE_ERROR)


def each_kind(contract, _, promise, *args):
    """Both kinds of the generator's loss promise the same."""
    for layer in (G_LOSS, MINIMAX):
        contract.parity.case = layer.call
        promise(contract, layer, *args)
    contract.parity.case = ""


D_MAIN, G_MAIN = "test_discriminator_loss_forward", "test_generator_loss_forward"
test_discriminator_loss_stability = D_LOSS.keeps("logits of ±1000", extreme, 2, weight=3)
test_discriminator_loss_shapes = D_LOSS.keeps("logits of other shapes", unlike_sizes)
test_discriminator_loss_float32 = D_LOSS.float32((5, 1))
test_discriminator_loss_unchanged_inputs = D_LOSS.unchanged_inputs((5, 1))
test_discriminator_loss_second_call = D_LOSS.second_call((5, 1), (3, 1))
test_discriminator_loss_wrong_input = D_LOSS.keeps("no logits are an error", refuses_empty, 2)
test_generator_loss_minimax = MINIMAX.both(
    (5, 1), title="the minimax loss and its gradient", weight=3
)
test_generator_loss_stability = G_LOSS.keeps("logits of ±1000", extreme, 1, weight=2)
test_generator_loss_minimax_stability = MINIMAX.keeps(
    "logits of ±1000, minimax", extreme, 1, weight=2
)
test_generator_loss_shapes = MINIMAX.keeps("logits of other shapes", unlike_sizes)
test_generator_loss_float32 = G_LOSS.keeps(
    "float32 stays float32", each_kind, Contract.float32, (5, 1)
)
test_generator_loss_unchanged_inputs = G_LOSS.keeps(
    "inputs are not changed", each_kind, Contract.unchanged_inputs, (5, 1)
)
test_generator_loss_wrong_input = G_LOSS.keeps(
    "no logits are an error", each_kind, refuses_empty, 1
)


@pytest.mark.check(needs="test_generator_loss_forward")
def test_generator_loss_kind(contract, student, parity):
    """GeneratorLoss: both kinds by their names, each in two instances side by side, and no other"""
    for kind in ("non_saturating", "minimax"):
        layer = Layer("gan", "GeneratorLoss", (kind,), draw=logits, oracle="gan")
        contract.second_call(layer, (5, 1), (3, 1))
    for wrong in ("saturating", ""):
        parity.refuses(f'kind "{wrong}"', lambda w=wrong: student.gan.GeneratorLoss(w))


@pytest.mark.check(weight=4, needs="test_gan_discriminator_step")
def test_gan_discriminator_gradients(make_pair, rng):
    """GAN: the discriminator's gradients are those of its step, the generator's stay"""
    pair = make_pair()
    pair.dirty("discriminator", rng)
    left = pair.dirty("generator", rng)
    expected = pair.step("discriminator_step")
    pair.gradients("discriminator", expected)
    pair.stayed("generator", left)


@pytest.mark.check(weight=4, needs="test_gan_generator_step")
def test_gan_generator_gradients(make_pair, rng):
    """GAN: the generator's gradients are those of its step, nothing is left in the discriminator"""
    pair = make_pair()
    pair.dirty("generator", rng)
    pair.dirty("discriminator", rng)
    expected = pair.step("generator_step")
    pair.gradients("generator", expected)
    pair.stayed("discriminator")


@pytest.mark.check(weight=3, needs="test_gan_generator_step")
def test_gan_minimax(make_pair):
    """GAN: a step of the generator with the minimax loss"""
    pair = make_pair(kind="minimax")
    expected = pair.step("generator_step")
    pair.gradients("generator", expected)


@pytest.mark.check(weight=4, needs=["test_gan_discriminator_step", "test_gan_generator_step"])
def test_gan_turns(make_pair, rng):
    """GAN: steps in turn, and batches of other sizes"""
    pair = make_pair()
    for rows in (6, 4):
        pair.real, pair.z = rng.uniform(-1, 1, (rows + 1, 8)), rng.standard_normal((rows, 5))
        pair.step("discriminator_step")
        pair.step("generator_step")


@pytest.mark.check(weight=2, needs="test_gan_discriminator_step")
def test_gan_diverges(make_pair, parity):
    """GAN: a loss that is nan or infinite is an error, and moves nothing"""
    pair = make_pair()
    wanted, broken = "a RuntimeError", pair.real.copy()
    for value in (np.nan, np.inf):
        broken[1, 2] = value
        call = partial(pair.gan.discriminator_step, broken, pair.z)
        parity.refuses(f"{value} in the images", call, wanted)
        call = partial(pair.gan.generator_step, np.full_like(pair.z, value))
        parity.refuses(f"z of {value}", call, wanted)
    for name in pair.networks:
        pair.unmoved(name)
    pair.step("discriminator_step")
    pair.step("generator_step")


@pytest.mark.check(needs="test_gan_discriminator_step")
def test_gan_wrong_shape(make_pair, parity):
    """GAN: images or latent vectors that don't fit are errors, and so is another kind"""
    pair = make_pair()
    for what, real, z in (
        ("images of 7 pixels", pair.real[:, :7], pair.z),
        ("images with an axis more", pair.real[None], pair.z),
        ("no images", pair.real[:0], pair.z),
        ("z of length 4", pair.real, pair.z[:, :4]),
        ("one z without an axis", pair.real, pair.z[0]),
    ):
        parity.refuses(what, lambda r=real, z=z: pair.gan.discriminator_step(r, z))
    parity.refuses("z of length 4", lambda: pair.gan.generator_step(pair.z[:, :4]))
    parity.refuses("another kind", lambda: make_pair(kind="saturating"))
    pair.step("discriminator_step")


### END HIDDEN TESTS
