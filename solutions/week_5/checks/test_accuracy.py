"""Deep networks learn to read digits: with normalization, without it, with shortcuts."""

import math

import pytest


def learns(name, *aspects):
    """What a class needs to learn: a gradient that is none earns nothing here."""
    return [f"test_{name}_{aspect}" for aspect in ("forward", "backward", *aspects)]


BATCH_NORM_1D = learns("batch_norm1d", "parameter_grads")
BATCH_NORM_2D = learns("batch_norm2d")
LAYER_NORM = learns("layer_norm", "parameter_grads")
RESIDUAL_BLOCK = learns("residual_block", "parameter_grads")


def some_digits(split_digits):
    """Images (N, 64) for training in batches of 32: a last batch of 3 has no statistics."""
    x, labels, x_test, labels_test = split_digits()
    return x[:1344].reshape(-1, 64), labels[:1344], x_test.reshape(-1, 64), labels_test


def deep_network(given, weeks, training, normalization=None):
    """Seven Linear layers with ReLU between them, and with `normalization(32)` before each ReLU."""
    layers = []
    for inputs in (64, 32, 32, 32, 32, 32):
        layers.append(weeks(1).linear.Linear(inputs, 32, rng=training.generator()))
        if normalization is not None:
            layers.append(normalization(32))
        layers.append(weeks(1).activations.ReLU())
    layers.append(weeks(1).linear.Linear(32, 10, rng=training.generator()))
    return given.module.Sequential(*layers)


@pytest.mark.accuracy
@pytest.mark.check(weight=3, needs=BATCH_NORM_1D)
def test_convergence_with_batch_norm(student, given, weeks, training, split_digits):
    """BatchNorm1d: how far the loss is below that of the same network without it"""
    x, labels, x_test, labels_test = some_digits(split_digits)
    loss = weeks(1).losses.CrossEntropyLoss()
    plain = deep_network(given, weeks, training)
    normalized = deep_network(given, weeks, training, student.normalization.BatchNorm1d)
    training.fit(plain, loss, x, labels, name="without normalization", epochs=3, lr=0.05)
    training.fit(normalized, loss, x, labels, epochs=3, lr=0.05)
    # Without normalization nothing is learned: at least as good as guessing is always possible.
    without = min(training.cross_entropy(plain, x_test, labels_test), math.log(10))
    gain = without - training.cross_entropy(normalized, x_test, labels_test)
    training.reaches("the loss on unseen digits is lower by", gain)


@pytest.mark.accuracy
@pytest.mark.check(weight=2, needs=BATCH_NORM_1D)
def test_deep_network_with_batch_norm(student, given, weeks, training, split_digits):
    """BatchNorm1d: accuracy of a deep network on unseen digits"""
    x, labels, x_test, labels_test = some_digits(split_digits)
    model = deep_network(given, weeks, training, student.normalization.BatchNorm1d)
    training.fit(model, weeks(1).losses.CrossEntropyLoss(), x, labels, epochs=7, lr=0.05)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=2, needs=BATCH_NORM_2D)
def test_cnn_with_batch_norm(student, given, weeks, training, split_digits):
    """BatchNorm2d: accuracy of a convolutional network on unseen digits after four epochs"""
    x, labels, x_test, labels_test = split_digits()
    layers = []
    for channels, filters in ((1, 8), (8, 16)):
        conv = weeks(2).conv.Conv2d(channels, filters, 3, padding=1, rng=training.generator())
        layers += [conv, student.normalization.BatchNorm2d(filters)]
        layers += [weeks(1).activations.ReLU(), weeks(2).pooling.MaxPool2d(2)]
    head = weeks(1).linear.Linear(64, 10, rng=training.generator())
    model = given.module.Sequential(*layers, weeks(2).flatten.Flatten(), head)
    loss = weeks(1).losses.CrossEntropyLoss()
    training.fit(model, loss, x[:1344], labels[:1344], epochs=4, lr=0.05)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=3, needs=LAYER_NORM)
def test_deep_network_with_layer_norm(student, given, weeks, training, split_digits):
    """LayerNorm: accuracy of a deep network on unseen digits"""
    x, labels, x_test, labels_test = some_digits(split_digits)
    model = deep_network(given, weeks, training, student.normalization.LayerNorm)
    adam = weeks(3).optim.Adam(model.parameters(), lr=0.001)
    loss = weeks(1).losses.CrossEntropyLoss()
    training.fit(model, loss, x, labels, epochs=12, batch_size=64, optimizer=adam)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=2, needs=RESIDUAL_BLOCK)
def test_deep_residual_network(student, given, weeks, training, split_digits):
    """ResidualBlock: accuracy of a deep network without normalization on unseen digits"""
    x, labels, x_test, labels_test = some_digits(split_digits)
    layers = [weeks(1).linear.Linear(64, 32, rng=training.generator())]
    for _ in range(8):
        linear = weeks(1).linear.Linear(32, 32, rng=training.generator())
        inner = given.module.Sequential(linear, weeks(1).activations.Tanh())
        layers.append(student.residual.ResidualBlock(inner))
    layers.append(weeks(1).linear.Linear(32, 10, rng=training.generator()))
    model = given.module.Sequential(*layers)
    training.fit(model, weeks(1).losses.CrossEntropyLoss(), x, labels, epochs=8, lr=0.02)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))
