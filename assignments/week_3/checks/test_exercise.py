"""The notebook of week 3: one network, three optimizers, on digits."""

import numpy as np
import pytest

NAMES = ("SGD", "momentum", "Adam")
LEAST = {"SGD": 0.88, "momentum": 0.93, "Adam": 0.93}
EPOCHS = 10


@pytest.fixture
def trained(notebook, worker, split_digits):
    """Has the notebook train anew, on other digits: numbers could be typed in."""

    def train(name, epochs):
        x, labels, x_test, labels_test = split_digits()
        model = notebook.make("make_model")
        optimizer = notebook.make("make_optimizer", name, model.parameters())
        shuffle = worker.generator(3)
        rows = (x.reshape(-1, 64) - 0.3) / 0.4
        losses = notebook.call("train", model, optimizer, rows, labels, epochs, 32, shuffle)
        return model, losses, (x_test.reshape(-1, 64) - 0.3) / 0.4, labels_test

    return train


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_losses(notebook, parity, trained):
    """Loss curves of the three optimizers"""
    losses = notebook.read("losses")
    curves = {}
    for name in NAMES:
        label = f"losses[{name!r}]"
        curves[name] = curve = parity.array(label, parity.item(losses, name), (EPOCHS,))
        falls = 0 < curve[-1] < curve[0] / 2
        parity.holds(f"losses of {name}", falls, "the loss must fall below half of its start")
    ahead = curves["Adam"][2] < curves["SGD"][2]
    parity.holds("Adam", ahead, "after three epochs, Adam must be ahead of plain SGD")
    again = parity.array("what train returns on other digits", trained("Adam", 3)[1], (3,))
    falls = 0 < again[-1] < again[0] / 2 < 2
    parity.holds("losses of training on other digits", falls, "they must fall to less than half")


@pytest.mark.check(weight=5)
def test_accuracy(notebook, parity, digits, data, training, trained):
    """Accuracy with each optimizer on unseen digits"""
    split = data.train_test_split(*digits, rng=np.random.default_rng(3))
    labels, logits, said = split[1][1], notebook.read("test_logits"), notebook.read("accuracies")
    for name in NAMES:
        label, size = f"test_logits[{name!r}]", (len(labels), 10)
        values = parity.array(label, parity.item(logits, name), size)
        value = float((values.argmax(axis=1) == labels).mean())
        message = f"{value:.3f} with {name}, at least {LEAST[name]} is needed"
        parity.holds(f"accuracy with {name}", value >= LEAST[name], message)
        parity.number(f"accuracies[{name!r}]", parity.item(said, name), value)
        model, _, x, labels_again = trained(name, 5)
        again = training.accuracy(model, x, labels_again)
        message = f"{again:.3f} with {name} after 5 epochs on other digits, 0.7 is needed"
        parity.holds(f"accuracy with {name}, trained anew", again >= 0.7, message)
