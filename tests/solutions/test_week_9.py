"""The reference of week 9: both networks, their losses, a step of each, and who judges them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given import adversarial, data
from given.judge import Judge, frechet, nearest
from given.module import Module
from oracles.gan import gan as oracle
from week_3.optim import SGD, Adam
from week_9.gan import (
    GAN,
    Discriminator,
    DiscriminatorLoss,
    Generator,
    GeneratorLoss,
    softplus,
)

SIZES = {"generator": (5, (7, 6), 8), "discriminator": (8, (6, 5), 0.3)}


def made(name: str, rng: np.random.Generator) -> Module:
    network = (Generator if name == "generator" else Discriminator)(*SIZES[name], rng=rng)
    for parameter in network.parameters():
        parameter.data = parameter.data + 0.3 * rng.standard_normal(parameter.data.shape)
    return network


def pair(rng: np.random.Generator, kind: str = "non_saturating") -> GAN:
    networks = [made(name, rng) for name in SIZES]
    return GAN(*networks, *(SGD(network.parameters(), 0.2) for network in networks), kind)


# ---- parity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("training", [True, False])
def test_networks_equal_torch(name: str, training: bool) -> None:
    rng = np.random.default_rng(1)
    ours = made(name, rng).train(training)
    x = rng.standard_normal((6, SIZES[name][0]))
    output = ours.forward(x)
    grad_out = rng.standard_normal(output.shape)
    expected = oracle(
        name.capitalize(), SIZES[name], {}, ours.state_dict(), [x], grad_out, training=training
    )
    assert_close(expected["output"], output)
    assert_close(expected["grad_input"], ours.backward(grad_out))
    for key, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad, expected[f"grad_{key}"], atol=1e-13)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_losses_equal_torch(scale: float) -> None:
    rng = np.random.default_rng(2)
    real, fake = scale * rng.uniform(-1, 1, (5, 1)), scale * rng.uniform(-1, 1, (8, 1))
    with np.errstate(all="raise", under="ignore"):
        loss = DiscriminatorLoss()
        expected = oracle("DiscriminatorLoss", inputs=[real, fake], grad_out=0.7)
        assert_close(expected["output"], loss.forward(real, fake))
        grads = loss.backward(0.7)
        assert_close(expected["grad_input"], grads[0])
        assert_close(expected["grad_input_1"], grads[1])
        for kind in ("non_saturating", "minimax"):
            one = GeneratorLoss(kind)
            expected = oracle("GeneratorLoss", [kind], inputs=[fake], grad_out=-1.3)
            assert_close(expected["output"], one.forward(fake))
            assert_close(expected["grad_input"], one.backward(-1.3))


def test_gradients_of_losses_are_differences_of_the_losses() -> None:
    rng = np.random.default_rng(3)
    real, fake = rng.standard_normal((4, 1)), rng.standard_normal((3, 1))
    loss = DiscriminatorLoss()
    loss.forward(real, fake)
    for values, gradient in zip((real, fake), loss.backward(), strict=True):
        numeric = numeric_gradient(lambda: DiscriminatorLoss().forward(real, fake), values)
        assert_close(numeric, gradient, 1e-7)


def test_softplus_keeps_what_is_far_below_zero() -> None:
    x = np.array([-1000.0, -700.0, -40.0, 0.0, 40.0, 1000.0])
    wanted = [0.0, math.exp(-700), math.exp(-40), math.log(2), 40.0, 1000.0]
    np.testing.assert_allclose(softplus(x), wanted, rtol=1e-15)
    assert softplus(x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", ["discriminator_step", "generator_step"])
@pytest.mark.parametrize("kind", ["non_saturating", "minimax"])
def test_steps_equal_torch_and_leave_the_other_network(name: str, kind: str) -> None:
    rng = np.random.default_rng(4)
    gan = pair(rng, kind)
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    for parameter in [*gan.generator.parameters(), *gan.discriminator.parameters()]:
        parameter.grad = rng.standard_normal(parameter.data.shape)  # left from something else
    before = {f"{n}.{k}": v for n, m in networks.items() for k, v in m.state_dict().items()}
    left = {k: p.grad.copy() for k, p in gan.generator.named_parameters() if p.grad is not None}
    real, z = rng.uniform(-1, 1, (6, 8)), rng.standard_normal((4, 5))
    inputs = [real, z] if name == "discriminator_step" else [z]
    expected = oracle(name, [], SIZES | {"kind": kind}, before, inputs, rate=0.2)
    assert_close(expected["loss"], getattr(gan, name)(*inputs))
    moving = name.removesuffix("_step")
    for key, parameter in networks[moving].named_parameters():
        grad, moved = (expected[f"{what}_{moving}.{key}"] for what in ("grad", "moved"))
        np.testing.assert_allclose(parameter.grad, grad, atol=1e-13)
        np.testing.assert_allclose(parameter.data, moved, atol=1e-13)
    other = "generator" if moving == "discriminator" else "discriminator"
    for key, parameter in networks[other].named_parameters():
        np.testing.assert_array_equal(parameter.data, before[f"{other}.{key}"])
        stays = left[key] if other == "generator" else np.zeros_like(parameter.data)
        np.testing.assert_array_equal(parameter.grad, stays)


# ---- samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [True, False])
def test_samples_leave_mode_and_statistics_as_they_were(mode: bool) -> None:
    generator = made("generator", np.random.default_rng(5)).train(mode)
    assert isinstance(generator, Generator)
    first = generator.sample(3, np.random.default_rng(6))
    again = generator.sample(1, np.random.default_rng(6))
    np.testing.assert_allclose(first[:1], again)
    assert generator.training is mode
    assert all(child.training is mode for _, child in generator.children())
    with pytest.raises(ValueError, match="count must be at least 1, not 0"):
        generator.sample(0, np.random.default_rng(6))


# ---- training and its judge -------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged() -> tuple[Judge, Array, Array]:
    """A judge, the digits that it knows, and others."""
    images, labels = data.digits()
    rows = 2 * images.reshape(-1, 64) - 1
    return Judge(rows[:1347], labels[:1347]), rows[:1347], rows[1347:]


def test_the_judge_reads_real_digits(judged: tuple[Judge, Array, Array]) -> None:
    judge, _, held_out = judged
    _, labels = data.digits()
    _, read = judge.read(held_out)
    assert (read.argmax(axis=1) == labels[1347:]).mean() > 0.9
    report = judge.report(held_out, held_out)
    assert report.feature_distance < 4
    assert report.classes == 10
    assert report.novelty == pytest.approx(1)


def test_the_judge_is_not_deceived(judged: tuple[Judge, Array, Array]) -> None:
    judge, known, held_out = judged
    rng = np.random.default_rng(7)
    noise = judge.report(rng.uniform(-1, 1, (500, 64)), held_out)
    assert noise.feature_distance > 30
    copies = judge.report(known[rng.integers(0, len(known), 500)], held_out)
    assert copies.novelty < 0.01
    one = judge.report(known[:1] + 0.01 * rng.standard_normal((500, 64)), held_out)
    assert one.classes == 1
    assert one.feature_distance > 30


def test_frechet_distance_of_normal_distributions() -> None:
    rng = np.random.default_rng(8)
    x = rng.standard_normal((20000, 3))
    assert frechet(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet(x, 2 * x) == pytest.approx(3, rel=0.05)  # (2 - 1)² for each of three axes
    assert frechet(x, x + 2) == pytest.approx(12, rel=0.01)
    np.testing.assert_allclose(nearest(np.zeros((1, 2)), np.array([[3.0, 4.0], [6, 8]])), [5])


def test_training_finds_a_distribution() -> None:
    """Two pixels, one of them always 0.5 more than the other."""
    rng = np.random.default_rng(9)
    first = rng.uniform(-0.4, 0.4, 500)
    images = np.stack([first, first + 0.5], axis=1)
    networks = [Generator(3, (16,), 2, rng), Discriminator(2, (16,), rng=rng)]
    adams = [Adam(network.parameters(), 0.004, (0.5, 0.9)) for network in networks]
    history = adversarial.fit(GAN(*networks, *adams), images, 3, steps=600, rng=rng, every=100)
    assert [len(history[name]) for name in ("discriminator", "generator")] == [6, 6]
    drawn = networks[0].sample(500, rng)
    assert abs((drawn[:, 1] - drawn[:, 0]).mean() - 0.5) < 0.25


# ---- bad input --------------------------------------------------------------------------------


def test_a_training_that_diverges_is_stopped_before_it_moves() -> None:
    rng = np.random.default_rng(10)
    gan = pair(rng)
    before = gan.generator.state_dict() | gan.discriminator.state_dict()
    real, z = np.full((4, 8), np.nan), rng.standard_normal((4, 5))
    with pytest.raises(RuntimeError, match=r"loss of the discriminator is nan: .* diverged"):
        gan.discriminator_step(real, z)
    with pytest.raises(RuntimeError, match="loss of the generator is nan"):
        gan.generator_step(np.full((4, 5), np.nan))
    after = gan.generator.state_dict() | gan.discriminator.state_dict()
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name])


@pytest.mark.parametrize(
    ("real", "z", "message"),
    [
        ((4, 7), (4, 5), "dimension|x has shape"),
        ((4, 8), (4, 6), r"z has shape \(4, 6\), not \(N, 5\)"),
        ((4, 8), (5,), r"z has shape \(5,\), not \(N, 5\)"),
        ((0, 8), (4, 5), r"real is empty: its shape is \(0, 1\)"),
        ((4, 8), (1, 5), "2 or more values per channel"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    real: tuple[int, ...], z: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pair(np.random.default_rng(11)).discriminator_step(np.ones(real), np.ones(z))


def test_other_arguments_that_are_refused() -> None:
    with pytest.raises(ValueError, match='"non_saturating" or "minimax", not "saturating"'):
        GeneratorLoss("saturating")
    with pytest.raises(ValueError, match=r"fake is empty"):
        GeneratorLoss().forward(np.zeros((0, 1)))
    with pytest.raises(ValueError, match="no images"):
        adversarial.fit(pair(np.random.default_rng(12)), np.zeros((0, 8)), 5, steps=1, rng=None)
    with pytest.raises(ValueError, match="at least 1 of each"):
        adversarial.fit(pair(np.random.default_rng(12)), np.ones((3, 8)), 5, steps=0, rng=None)


def test_gradients_unlike_the_output_are_refused() -> None:
    rng = np.random.default_rng(13)
    for name, right in (("generator", (3, 8)), ("discriminator", (3, 1))):
        network = made(name, rng)
        network.forward(rng.standard_normal((3, SIZES[name][0])))
        assert_refuses_gradient(network, (1, *right[1:]), right)


def test_torch_agrees_on_leaky_relu() -> None:
    from given.activations import LeakyReLU

    x = np.linspace(-2, 2, 9).reshape(3, 3)
    layer, leaf = LeakyReLU(0.2), torch.tensor(x, requires_grad=True)
    expected = torch.nn.LeakyReLU(0.2)(leaf)
    assert_close(expected.detach(), layer.forward(x))
    expected.sum().backward()
    assert_close(leaf.grad, layer.backward(np.ones_like(x)))
    assert layer.forward(x.astype(np.float32)).dtype == np.float32
    assert_refuses_gradient(layer, (1, 3), (3, 3))
