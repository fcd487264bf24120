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
