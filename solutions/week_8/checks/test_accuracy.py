"""Digits: a Vision Transformer that learns to read them, and weights that can already."""

import numpy as np
import pytest

SIZE, PATCH, HEADS, DEPTH, CLASSES = 8, 2, 4, 32, 10
SIDE = SIZE // PATCH


def small_vit(student, training, layers):
    sizes = (SIZE, PATCH, layers, HEADS, DEPTH, 2 * DEPTH, 0.0, CLASSES, 1)
    model = student.vit.VisionTransformer(*sizes, rng=training.generator())
    model.to("float32")
    return model


@pytest.mark.accuracy
@pytest.mark.check(
    weight=6, needs=["test_vision_transformer_forward", "test_vision_transformer_backward"]
)
def test_small_vit(student, weeks, given, training, split_digits):
    """VisionTransformer: learns to read digits"""
    x, labels, x_test, labels_test = split_digits()
    x, x_test = (((images - 0.3) / 0.4).astype(np.float32) for images in (x, x_test))
    model, loss = small_vit(student, training, 1), weeks(1).losses.CrossEntropyLoss()
    adam = weeks(3).optim.Adam(model.parameters(), lr=0.004)
    steps = given.sequences.WarmUpAndDecay(adam, 8 * 43, 50)
    training.fit(model, loss, x, labels, epochs=8, optimizer=steps)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


### BEGIN HIDDEN TESTS
def shuffled(images, state, rng):
    """The patches in a secret order, and the pixels of each: nobody knows these digits by heart.

    Weights that read the digits read these as well, with positions and kernels in the same order.
    """
    places, pixels = rng.permutation(SIDE**2), rng.permutation(PATCH**2)
    cut = images.reshape(-1, SIDE, PATCH, SIDE, PATCH).swapaxes(2, 3)
    cut = cut.reshape(-1, SIDE**2, PATCH**2)[:, places][..., pixels]
    joined = cut.reshape(-1, SIDE, SIDE, PATCH, PATCH).swapaxes(2, 3)
    kernels, positions = state["embedding.projection.weight"], state["embedding.positions"]
    turned = kernels.reshape(-1, PATCH**2)[:, pixels].reshape(kernels.shape)
    order = np.concatenate([[0], 1 + places])
    changed = {"embedding.projection.weight": turned, "embedding.positions": positions[order]}
    return joined.reshape(images.shape), state | changed


@pytest.mark.accuracy
@pytest.mark.check(weight=6, needs="test_vision_transformer_forward")
def test_transplanted_vit(student, oracle, training, digits, rng):
    """VisionTransformer: reads digits with weights that were trained elsewhere"""
    images, labels = digits
    order = np.random.default_rng(8).permutation(len(labels))
    unseen, learned = order[:450], order[450:]
    state = vars(oracle.trained_vit(images[learned], labels[learned], PATCH, 2, HEADS, DEPTH))
    shown = rng.permutation(unseen)[:300]
    noisy = images[shown] + rng.uniform(-0.03, 0.03, images[shown].shape)  # half a step of gray
    x, state = shuffled(noisy, state, rng)
    names = rng.permutation(CLASSES)
    state |= {
        f"head.{name}": state[f"head.{name}"][np.argsort(names)] for name in ("weight", "bias")
    }
    model = small_vit(student, training, 2)
    model.load_state_dict(state)
    training.reaches("accuracy", training.accuracy(model, x, names[labels[shown]]))


### END HIDDEN TESTS
