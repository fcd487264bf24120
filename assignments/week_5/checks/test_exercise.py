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
