"""The notebook of week 2: a linear model and a convolutional one, on digits."""

import numpy as np
import pytest


def judge(notebook, parity, split, name, logits_name, least):
    """The logits' accuracy, counted here, reaches `least` and is what the notebook says it is."""
    labels = split[1]
    logits = parity.array(logits_name, notebook.read(logits_name), (len(labels), 10))
    value = float((logits.argmax(axis=1) == labels).mean())
    message = f"the {name} model reads {value:.3f} of the digits, at least {least} is needed"
    parity.holds(f"accuracy of {logits_name}", value >= least, message)
    said = parity.item(notebook.read("numpy_accuracies"), name)
    parity(f"numpy_accuracies[{name!r}]", said, value)


@pytest.fixture
def learns(notebook, worker, weeks, training, split_digits):
    """Trains a new model of the notebook's on other images: numbers could be typed in."""

    def learn(name, least, **options):
        x, labels, x_test, labels_test = split_digits()
        model = notebook.make(name, worker.generator(3))
        loss = weeks(1).losses.CrossEntropyLoss()
        options["rng"] = worker.generator(4)
        worker.call("given.training.fit", model, loss, (x - 0.3) / 0.4, labels, **options)
        value = training.accuracy(model, (x_test - 0.3) / 0.4, labels_test)
        message = f"{value:.3f} of other digits after training it anew, at least {least} is needed"
        training.parity.holds(f"accuracy of {name}", value >= least, message)

    return learn


@pytest.fixture
def split(digits, data):
    """The test images and labels that the notebook sets aside."""
    images, labels = digits
    images = (images - images.mean()) / images.std()
    return data.train_test_split(images, labels, rng=np.random.default_rng(2))[1]


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_linear_accuracy(notebook, parity, split, learns):
    """Accuracy of the linear model on unseen digits"""
    judge(notebook, parity, split, "Linear", "linear_logits", 0.92)
    learns("make_linear", 0.8, epochs=5, lr=0.05)


@pytest.mark.check(weight=7)
def test_cnn_accuracy(notebook, parity, split, learns):
    """Accuracy of the CNN on unseen digits"""
    judge(notebook, parity, split, "CNN", "cnn_logits", 0.92)
    learns("make_cnn", 0.8, epochs=4, lr=0.02, batch_size=8)


### BEGIN HIDDEN TESTS
def model_of(notebook, worker, name, parity, shapes):
    """A model of the notebook, and its parameters by their shapes: those of the right layers."""
    model = notebook.make(name, worker.generator(5))
    state = parity.arrays(f"parameters of {name}", model.state_dict(), shapes)
    return model, {value.shape: value for value in state.values()}


def linear(x, weight, bias):
    return x.reshape(len(x), -1) @ weight.T + bias


@pytest.mark.check(weight=3)
def test_make_linear(notebook, worker, parity, split):
    """The linear model: its layers and its logits"""
    model, state = model_of(notebook, worker, "make_linear", parity, [(10, 64), (10,)])
    x = split[0][:20]
    parity("logits", model.forward(x), linear(x, state[10, 64], state[10,]))


@pytest.mark.check(weight=5)
def test_make_cnn(notebook, worker, oracle, parity, split):
    """The CNN: its layers and its logits"""
    shapes = [(8, 1, 3, 3), (8,), (10, 128), (10,)]
    model, state = model_of(notebook, worker, "make_cnn", parity, shapes)
    x = split[0][:20]
    kernels = {"weight": state[8, 1, 3, 3], "bias": state[8,]}
    seen = oracle.layer("Conv2d", [1, 8, 3], {"padding": 1}, kernels, [x]).output
    pooled = oracle.layer("MaxPool2d", [2], {}, {}, [np.maximum(seen, 0)]).output
    parity("logits", model.forward(x), linear(pooled, state[10, 128], state[10,]))


### END HIDDEN TESTS
