"""The notebook of week 5: a deep network with and without normalization, on digits."""

import numpy as np
import pytest

EPOCHS = 12


@pytest.fixture
def trained(notebook, worker, weeks, split_digits):
    """Trains new networks of the notebook on other digits: numbers could be typed in."""

    def train(normalize):
        x, labels, x_test, labels_test = split_digits()
        rows, others = ((images.reshape(-1, 64) - 0.3) / 0.4 for images in (x[:1344], x_test))
        network = notebook.make("make_network", 4, 32, normalize, worker.generator(7))
        options = {"epochs": 4, "lr": 0.05, "rng": worker.generator(8)}
        loss = weeks(1).losses.CrossEntropyLoss()
        worker.call("given.training.fit", network, loss, rows, labels[:1344], **options)
        return network, others, labels_test

    return train


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_losses(notebook, parity, training, trained):
    """Loss curves with and without normalization"""
    losses = notebook.read("losses")
    plain, curve = (
        parity.array(f"losses {name} normalization", parity.item(losses, name), (EPOCHS,))
        for name in ("without", "with")
    )
    low = 0 < curve[-1] < 0.3
    parity.holds("last loss with normalization", low, "it must be below 0.3")
    apart = curve[-1] < plain[-1] / 2
    parity.holds("difference", apart, "the loss with normalization must be less than half")
    without, normalized = (training.cross_entropy(*trained(n)) for n in (False, True))
    message = f"{normalized:.2f} with and {without:.2f} without it, trained anew on other digits"
    parity.holds("loss with normalization", normalized < min(without, 2.3) / 2, message)


@pytest.mark.check(weight=5)
def test_accuracy(notebook, parity, digits, data, training, trained):
    """Accuracy with and without normalization on unseen digits"""
    split = data.train_test_split(*digits, rng=np.random.default_rng(5))
    labels, logits, said = split[1][1], notebook.read("test_logits"), notebook.read("accuracies")
    for name, least in (("without", 0.1), ("with", 0.93)):
        label, size = f"test_logits[{name!r}]", (len(labels), 10)
        values = parity.array(label, parity.item(logits, name), size)
        value = float((values.argmax(axis=1) == labels).mean())
        message = f"{value:.3f} {name} normalization, at least {least} is needed"
        parity.holds(f"accuracy {name} normalization", value >= least, message)
        parity.number(f"accuracies[{name!r}]", parity.item(said, name), value)
    again = training.accuracy(*trained(True))
    message = f"{again:.3f} with normalization after 4 epochs on other digits, 0.8 is needed"
    parity.holds("accuracy with normalization, trained anew", again >= 0.8, message)


### BEGIN HIDDEN TESTS
def layers_of(state):
    """The parameters of a network layer by layer: [[weight, bias], ...] in their order."""
    values = list(state.values())
    return [values[i : i + 2] for i in range(0, len(values), 2)]


def run(state, x, normalize):
    """The network's logits in training mode, and the spread after each ReLU."""
    *blocks, last = layers_of(state)
    spreads = []
    while blocks:
        weight, bias = blocks.pop(0)
        x = x @ weight.T + bias
        if normalize:
            gamma, beta = blocks.pop(0)
            x = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta
        x = np.maximum(x, 0)
        spreads.append(x.std())
    return x @ last[0].T + last[1], np.array(spreads)


def shapes_of(depth, width, normalize):
    """The shapes of the parameters in their order."""
    shapes, features = [], 64
    for _ in range(depth):
        shapes += [(width, features), (width,)] + [(width,), (width,)] * normalize
        features = width
    return [*shapes, (10, features), (10,)]


@pytest.mark.check(weight=6)
def test_make_network(notebook, worker, parity, rng):
    """The networks: their layers and their logits"""
    for normalize in (False, True):
        made = notebook.make("make_network", 3, 12, normalize, worker.generator(5))
        what, wanted = "with" if normalize else "without", shapes_of(3, 12, normalize)
        state = parity.arrays(f"parameters {what} normalization", made.state_dict(), wanted)
        found = [array.shape for array in state.values()]
        parity.equal(f"their order {what} normalization", found, wanted)
        if found == wanted:
            x = rng.standard_normal((20, 64))
            logits = run(state, x, normalize)[0]
            parity(f"logits {what} normalization", made.forward(x), logits)


@pytest.mark.check(weight=4, needs="test_make_network")
def test_spread(notebook, worker, parity, rng):
    """The standard deviation after each ReLU"""
    x = rng.standard_normal((30, 64))
    for normalize in (False, True):
        made = notebook.make("make_network", 5, 9, normalize, worker.generator(6))
        what, wanted = "with" if normalize else "without", shapes_of(5, 9, normalize)
        state = parity.arrays(f"parameters {what} normalization", made.state_dict(), wanted)
        label, got = f"spreads {what} normalization", notebook.call("spread_of_layers", made, x)
        spreads = run(state, x, normalize)[1]
        parity(label, parity.array(label, got, (5,)), spreads, rtol=1e-6)


### END HIDDEN TESTS
