"""Three optimizers train the same network on digits, and Adam gets ahead of plain descent."""

import math

import pytest


@pytest.fixture
def network(given, weeks, worker, rng):
    """Makes networks with the same initial weights: Linear, ReLU, Linear."""
    seeds = rng.integers(1 << 31, size=2).tolist()

    def make():
        first, second = (worker.generator(seed) for seed in seeds)
        return given.module.Sequential(
            weeks(1).linear.Linear(64, 32, rng=first),
            weeks(1).activations.ReLU(),
            weeks(1).linear.Linear(32, 10, rng=second),
        )

    return make


@pytest.fixture
def digits(split_digits):
    """Images as rows of 64 numbers, and labels: to train on, and to judge by."""
    x, labels, x_test, labels_test = split_digits()
    return x.reshape(-1, 64), labels, x_test.reshape(-1, 64), labels_test


@pytest.mark.accuracy
@pytest.mark.check(weight=4, needs="test_sgd_step")
def test_digits_with_sgd(student, weeks, training, network, digits):
    """SGD: accuracy on unseen digits"""
    x, labels, x_test, labels_test = digits
    model, loss = network(), weeks(1).losses.CrossEntropyLoss()
    optimizer = student.optim.SGD(model.parameters(), lr=0.03)
    training.fit(model, loss, x, labels, epochs=30, batch_size=16, optimizer=optimizer)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=4, needs=["test_sgd_step", "test_sgd_momentum"])
def test_digits_with_momentum(student, weeks, training, network, digits):
    """SGD with momentum: accuracy on unseen digits"""
    x, labels, x_test, labels_test = digits
    model, loss = network(), weeks(1).losses.CrossEntropyLoss()
    optimizer = student.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    training.fit(model, loss, x, labels, epochs=12, batch_size=16, optimizer=optimizer)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=4, needs="test_adam_step")
def test_digits_with_adam(student, weeks, training, network, digits):
    """Adam: accuracy on unseen digits"""
    x, labels, x_test, labels_test = digits
    model, loss = network(), weeks(1).losses.CrossEntropyLoss()
    optimizer = student.optim.Adam(model.parameters(), lr=0.003)
    training.fit(model, loss, x, labels, epochs=15, batch_size=32, optimizer=optimizer)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=4, needs=["test_sgd_step", "test_adam_step"])
def test_adam_ahead_of_sgd(student, weeks, training, network, digits):
    """Adam against plain SGD: how much lower the loss on unseen digits is after five epochs"""
    x, labels, x_test, labels_test = digits
    reached = {}
    for name in ("SGD", "Adam"):
        model, loss = network(), weeks(1).losses.CrossEntropyLoss()
        optimizer = getattr(student.optim, name)(model.parameters(), lr=0.01)
        training.fit(model, loss, x, labels, epochs=5, optimizer=optimizer, name=name)
        reached[name] = training.cross_entropy(model, x_test, labels_test)
    guessing = math.log(10)  # a loss above it is no merit of Adam's
    training.reaches("lead", min(reached["SGD"], guessing) - reached["Adam"])
