"""The reference of week 8: patch embedding and Vision Transformer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given.module import Module
from week_8.patch_embedding import PatchEmbedding
from week_8.vit import VisionTransformer

from autograder.oracle.expected import load_oracle

ORACLES = Path(__file__).parents[2] / "solutions" / "oracles"
rollout = load_oracle(ORACLES / "rollout.py")
vision_transformer = load_oracle(ORACLES / "vision_transformer.py")
SMALL = ((4, 6), 2, 2, 2, 8, 12)
OPTIONS: dict[str, Any] = {"num_classes": 5, "in_channels": 2}


def shaken(module: Module, rng: np.random.Generator) -> Module:
    """Other values for every parameter: no weight of zero or one hides what it does."""
    for parameter in module.parameters():
        parameter.data = parameter.data + 0.3 * rng.standard_normal(parameter.data.shape)
    return module


def make_vit(seed: int, **options: Any) -> Module:
    rng = np.random.default_rng(seed)
    return shaken(VisionTransformer(*SMALL, **OPTIONS | options, rng=rng), rng)


def assert_equals_torch(
    ours: Module, args: tuple[Any, ...], options: dict[str, Any], x: Array
) -> None:
    """The output, and the gradients of the images and of all parameters."""
    output = ours.forward(x)
    grad_out = np.random.default_rng(9).standard_normal(output.shape)
    name, state = type(ours).__name__, ours.state_dict()
    expected = vision_transformer(name, args, options, state, [x], grad_out)
    assert_close(expected["output"], output)
    assert_close(expected["grad_input"], ours.backward(grad_out))
    for name, parameter in ours.named_parameters():
        assert_close(expected[f"grad_{name}"], parameter.grad)


@pytest.mark.parametrize(
    ("image", "patch", "channels"), [(8, 2, 1), ((6, 4), (3, 1), 2), ((3, 2), (3, 2), 3)]
)
def test_patch_embedding_equals_torch(image: Any, patch: Any, channels: int) -> None:
    rng = np.random.default_rng(1)
    args = (image, patch, channels, 5)
    ours = shaken(PatchEmbedding(*args, rng=rng), rng)
    shape = (image, image) if isinstance(image, int) else image
    assert_equals_torch(ours, args, {}, rng.standard_normal((3, channels, *shape)))


@pytest.mark.parametrize("number", [1, 3])
def test_vision_transformer_equals_torch(number: int) -> None:
    rng = np.random.default_rng(2)
    args = (*SMALL[:2], number, *SMALL[3:])
    ours = shaken(VisionTransformer(*args, **OPTIONS, rng=rng), rng)
    assert_equals_torch(ours, args, OPTIONS, rng.standard_normal((3, 2, 4, 6)))


def test_gradients_are_the_slopes_of_the_loss() -> None:
    rng = np.random.default_rng(3)
    ours = shaken(VisionTransformer(4, 2, 1, 2, 4, 6, num_classes=3, in_channels=1, rng=rng), rng)
    images, grad_out = rng.standard_normal((2, 1, 4, 4)), rng.standard_normal((2, 3))

    def loss() -> float:
        return float((ours.forward(images) * grad_out).sum())

    loss()
    assert_close(numeric_gradient(loss, images), ours.backward(grad_out), 1e-6)


def test_tokens_are_the_patches_as_one_reads() -> None:
    ours = PatchEmbedding((4, 6), 2, 1, 4)
    ours.load_state_dict(
        {
            "projection.weight": np.eye(4).reshape(4, 1, 2, 2),  # feature d is pixel d of the patch
            "projection.bias": np.zeros(4),
            "class_token": np.full(4, 7.0),
            "positions": np.zeros((7, 4)),
        }
    )
    image = np.arange(24.0).reshape(1, 1, 4, 6)
    patches = [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11], [12, 13, 18, 19]]
    tokens = ours.forward(image)[0]
    np.testing.assert_array_equal([[7, 7, 7, 7], *patches], tokens[:5])


def test_the_class_token_alone_is_read_and_all_tokens_learn() -> None:
    ours = make_vit(4)
    x = np.random.default_rng(4).standard_normal((2, 2, 4, 6))
    ours.backward(np.ones_like(ours.forward(x)))
    assert (np.abs(ours.embedding.positions.grad).max(axis=1) > 0).all()
    assert_close(ours.embedding.positions.grad[0], ours.embedding.class_token.grad)


def test_initial_values() -> None:
    ours = PatchEmbedding(32, 2, 3, 16, np.random.default_rng(5))
    np.testing.assert_array_equal(np.zeros(16), ours.class_token.data)
    assert 0.019 < ours.positions.data.std() < 0.021
    one, two = make_vit(5).encoder.layers
    assert not np.array_equal(one.linear1.weight.data, two.linear1.weight.data)


def test_float32_stays_float32() -> None:
    ours = make_vit(6).to(np.float32)
    logits = ours.forward(np.ones((2, 2, 4, 6), np.float32))
    assert logits.dtype == ours.backward(logits).dtype == np.float32
    assert all(parameter.grad.dtype == np.float32 for parameter in ours.parameters())


def test_dropout_is_for_training_only() -> None:
    ours, x = make_vit(7, dropout=0.4), np.ones((2, 2, 4, 6))
    assert not np.array_equal(ours.forward(x), ours.forward(x))
    ours.eval()
    np.testing.assert_array_equal(ours.forward(x), ours.forward(x))


def test_the_oracles_rollout_of_attention_to_everything_alike() -> None:
    ours = VisionTransformer(*SMALL, **OPTIONS)
    for layer in ours.encoder.layers:
        layer.self_attn.in_proj_weight.data[:] = 0
    got = rollout(SMALL, OPTIONS, ours.state_dict(), np.ones((1, 2, 4, 6)))["rollout"][0]
    once = (np.eye(7) + 1 / 7) / 2
    assert_close(once @ once, got)


# ---- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(("image", "patch"), [((6, 4), (4, 1)), ((6, 4), (3, 3)), (4, 8), (9, 2)])
def test_patches_that_do_not_fill_the_image_are_refused(image: Any, patch: Any) -> None:
    with pytest.raises(ValueError, match="don't fill"):
        PatchEmbedding(image, patch, 1, 4)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((0, 2, 1, 2, 8, 12), "image_size must be at least 1"),
        ((4, 0, 1, 2, 8, 12), "patch_size must be at least 1"),
        ((4, 2, 0, 2, 8, 12), "num_layers must be at least 1"),
        ((4, 2, 1, 3, 8, 12), "can't be shared evenly by 3 heads"),
    ],
)
def test_sizes_that_can_not_be_are_refused(args: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VisionTransformer(*args)


@pytest.mark.parametrize("shape", [(2, 2, 6, 4), (2, 1, 4, 6), (2, 2, 8, 6), (2, 4, 6), (4, 6)])
def test_other_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="images has shape"):
        make_vit(8).forward(np.ones(shape))


def test_gradients_of_another_shape_are_refused() -> None:
    vit = make_vit(9)
    vit.forward(np.ones((2, 2, 4, 6)))
    assert_refuses_gradient(vit, (1, 5), (2, 5))
    assert_refuses_gradient(vit.embedding, (2, 6, 8), (2, 7, 8))
