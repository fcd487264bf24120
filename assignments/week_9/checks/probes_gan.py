"""Small cases of both networks, their losses, softplus, and a step of each network."""

from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, extreme


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


def sampled(latent_dim, hidden, features, count, training):
    """Samples of a generator in either mode, and the mode that it is in afterwards."""
    layer = generator(latent_dim, hidden, features)

    def run(scene):
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        parameters = contract.draw_parameters(layer)
        instance = contract.make(layer, parameters)
        instance.train(training)
        z = np.random.default_rng(count).standard_normal((count, latent_dim))
        expected = contract.expect(layer, parameters, [z], training=False)
        for when in ("", " again"):
            got = instance.sample(count, scene.worker.generator(count))
            scene.parity(f"sample{when}", got, expected.output)
        for what, name in (("the generator", "training"), ("its norm", "layers.1.training")):
            scene.parity.equal(f"training of {what} afterwards", instance.read(name), training)

    mode = "training" if training else "evaluation"
    return Probe(layer.name, f"{layer.call}, sample of {count} in {mode}", run)


def made(latent_dim, hidden, features):
    """Weights of two generators from equal seeds, and of one from another."""
    layer = generator(latent_dim, hidden, features)
    names = [name for name in layer.parameters if len(layer.parameters[name]) == 2]

    def run(scene):
        make = scene.student.gan.Generator
        seeds = (7, 7, 8)
        made = [make(*layer.args, rng=scene.worker.generator(seed)) for seed in seeds]
        for name in names:
            shape, label = layer.parameters[name], f"initial {name}"
            one, same, other = (
                scene.parity.array(label, instance.read(f"{name}.data"), shape) for instance in made
            )
            scene.parity.holds(label, np.array_equal(one, same), f"{label}: others for one seed")
            differs = not np.array_equal(one, other)
            label = f"{label}, another seed"
            scene.parity.holds(label, differs, f"{label}: the same for every seed")

    return Probe(layer.name, f"{layer.call}, made with the seeds 7, 7 and 8", run)


def confident(real, fake):
    """The discriminator's loss for logits whose exponential overflows."""
    title = f"DiscriminatorLoss(), real = {real}, fake = {fake}"
    run = partial(extreme, D_LOSS, [np.array(real), np.array(fake)])
    return Probe(D_LOSS.name, title, run)


def not_finite(step, place):
    """A loss that is nan is an error, and nothing moves."""

    def run(scene):
        weeks, networks = scene.weeks(3).optim, []
        layers = generator(*SIZES["generator"]), discriminator(*SIZES["discriminator"])
        for layer in layers:
            state = {n: scene.rng.standard_normal(s) / 2 for n, s in layer.parameters.items()}
            networks.append(getattr(scene.student.gan, layer.name)(*layer.args))
            networks[-1].load_state_dict(state)
        optimizers = [weeks.SGD(network.parameters(), lr=RATE) for network in networks]
        gan = scene.student.gan.GAN(*networks, *optimizers)
        arrays = [scene.rng.standard_normal((3, n)) / 2 for n in (3, 2)]
        arrays = arrays if step == "discriminator_step" else arrays[1:]
        arrays[place][1, 1] = np.nan
        call = partial(getattr(gan, step), *arrays)
        scene.parity.refuses("a loss that is nan", call, "a RuntimeError")

    what = ("real", "z") if step == "discriminator_step" else ("z",)
    return Probe("GAN", f"GAN of {SIZES}, {step} with nan in {what[place]}", run)


def softplus(*values):
    x = np.array(values)

    def run(scene):
        got = scene.student.gan.softplus(x)
        if np.abs(x).max() < 100:
            scene.parity("softplus", got, np.logaddexp(0, x))
            return
        label = "softplus at extreme values"
        finite = not isinstance(got, np.ndarray) or bool(np.isfinite(got).all())
        scene.parity.means(label, OVERFLOW)
        scene.parity.holds(label, finite, f"{label}: it is infinite, or no number")
        if finite:
            scene.parity(label, got, np.logaddexp(0, x))

    return Probe("softplus", f"softplus({list(values)})", run)


OVERFLOW = (
    "exp(x) overflows where x is large, and the logarithm of infinity is infinite. Take max(x, 0) "
    "out: softplus(x) = max(x, 0) + log(1 + exp(-|x|))."
)
RATE = 0.5
SIZES = {"generator": (2, (2,), 3), "discriminator": (3, (2,))}


def steps(count, *names, kind="non_saturating"):
    """Steps one after another: the losses, what moves, what stays, whose gradients are clear."""
    layers = {"generator": generator(*SIZES["generator"])}
    layers["discriminator"] = discriminator(*SIZES["discriminator"])

    def run(scene):
        parameters, networks, optimizers = {}, {}, []
        for name, layer in layers.items():
            state = {n: scene.rng.standard_normal(s) / 2 for n, s in layer.parameters.items()}
            parameters |= {f"{name}.{n}": value for n, value in state.items()}
            networks[name] = getattr(scene.student.gan, layer.name)(*layer.args)
            networks[name].load_state_dict(state)
            optimizers.append(scene.weeks(3).optim.SGD(networks[name].parameters(), lr=RATE))
        said = () if kind == "non_saturating" else (kind,)
        gan = scene.student.gan.GAN(*networks.values(), *optimizers, *said)
        for step in names:
            z, real = (scene.rng.standard_normal((count, n)) / 2 for n in (2, 3))
            inputs = [z] if step == "generator_step" else [real, z]
            options = SIZES | {"kind": kind}
            expected = vars(scene.oracle.gan(step, [], options, parameters, inputs, rate=RATE))
            scene.parity(f"loss of {step}", getattr(gan, step)(*inputs), expected["loss"])
            for name, network in networks.items():
                for n in layers[name].parameters:
                    key, got = f"{name}.{n}", network.read(f"{n}.data")
                    if step.startswith(name):
                        scene.parity(key, got, expected[f"moved_{key}"])
                        parameters[key] = expected[f"moved_{key}"]
                        if len(names) == 1 and key != "generator.layers.0.bias":
                            got = network.read(f"{n}.grad")
                            scene.parity(f"gradient of {key}", got, expected[f"grad_{key}"])
                    else:
                        scene.parity(f"{key} stays", got, parameters[key])
            other = "discriminator" if step == "generator_step" else "generator"
            for n in layers[other].parameters if len(names) == 1 else ():
                got = networks[other].read(f"{n}.grad")
                scene.parity(f"gradient of {other}.{n}", got, np.zeros(got.shape))

    words = ", ".join(names) + ("" if kind == "non_saturating" else f", {kind}")
    return Probe("GAN", f"GAN of {SIZES}, {count} images: {words}", run)


def keeps(count):
    """The discriminator's step leaves the generator's gradients as they were."""
    layers = generator(*SIZES["generator"]), discriminator(*SIZES["discriminator"])

    def run(scene):
        networks = [getattr(scene.student.gan, layer.name)(*layer.args) for layer in layers]
        for network, layer in zip(networks, layers, strict=True):
            state = {n: scene.rng.standard_normal(s) / 2 for n, s in layer.parameters.items()}
            network.load_state_dict(state)
        optimizers = [scene.weeks(3).optim.SGD(n.parameters(), lr=RATE) for n in networks]
        gan = scene.student.gan.GAN(*networks, *optimizers)
        before = {n: scene.rng.standard_normal(s) for n, s in layers[0].parameters.items()}
        for name, gradient in before.items():
            place, parameter = name.removeprefix("layers.").split(".")
            getattr(networks[0].layers[int(place)], parameter).grad = gradient
        real, z = (scene.rng.standard_normal((count, n)) / 2 for n in (3, 2))
        gan.discriminator_step(real, z)
        for name, gradient in before.items():
            got = networks[0].read(f"{name}.grad")
            scene.parity(f"gradient of generator.{name}, from before", got, gradient)

    return Probe("GAN", f"GAN of {SIZES}, {count} images: gradients from before", run)


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
    *D_LOSS.probes((1,), (1, 1), (2, 1), (3, 2), (2, 3)),
    *G_LOSS.probes((1,), (2, 1), (3, 1), (3, 2), (2, 3)),
    *MINIMAX.probes((1,), (2, 1), (3, 1), (3, 2), (2, 3)),
    *D_LOSS.promised((2, 1), (3, 1)),
    *G_LOSS.promised((2, 1), (3, 1), refused=[(0, 1)]),
    *MINIMAX.promised((2, 1), (3, 1), refused=[(0, 1)]),
    confident([[-1000.0]], [[1.0]]),
    confident([[1.0], [1000.0]], [[1000.0], [-1000.0]]),
    G_LOSS.extreme_probe([[-1000]]),
    G_LOSS.extreme_probe([[1], [1000]]),
    MINIMAX.extreme_probe([[1000]]),
    MINIMAX.extreme_probe([[1], [-1000]]),
    sampled(2, (2,), 3, 2, training=True),
    sampled(2, (3,), 2, 3, training=False),
    sampled(3, (2, 2), 2, 3, training=True),
    made(2, (3,), 2),
    made(3, (2, 2), 2),
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
    steps(3, "discriminator_step"),
    steps(4, "discriminator_step"),
    steps(3, "generator_step"),
    steps(4, "generator_step"),
    steps(3, "generator_step", kind="minimax"),
    steps(4, "generator_step", kind="minimax"),
    keeps(3),
    keeps(4),
    not_finite("generator_step", 0),
    not_finite("discriminator_step", 0),
    not_finite("discriminator_step", 1),
    steps(3, "discriminator_step", "discriminator_step"),
    steps(4, "discriminator_step", "discriminator_step"),
    steps(3, "generator_step", "generator_step"),
    steps(4, "generator_step", "generator_step"),
    steps(4, "generator_step", "discriminator_step"),
    steps(3, "discriminator_step", "generator_step", "discriminator_step"),
]
