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
    parity.number(f"numpy_accuracies[{name!r}]", said, value)


@pytest.fixture
def learns(notebook, worker, parity, split_digits):
    """Has the notebook train a new model, on other images: logits could be typed in."""

    def learn(name, least, **options):
        x, labels, x_new, labels_new = split_digits()
        x, x_new = (x - 0.3) / 0.4, (x_new - 0.3) / 0.4
        model = notebook.make(name, worker.generator(3))
        options["rng"] = worker.generator(4)
        logits = notebook.call("train_and_test", model, x, labels, x_new, **options)
        size = len(labels_new), 10
        logits = parity.array("what train_and_test returns", logits, size)
        value = float((logits.argmax(axis=1) == labels_new).mean())
        message = f"{value:.3f} of other digits, trained anew, at least {least} is needed"
        parity.holds(f"accuracy of {name}", value >= least, message)
        own = worker.call("given.training.predict", model, x_new)
        own = parity.array("what the trained model predicts", own, size)
        parity("logits of the trained model", logits, own, rtol=1e-4)

    return learn


@pytest.fixture
def split(digits, data):
    """The test images and labels that the notebook sets aside."""
    images, labels = digits
    images = (images - images.mean()) / images.std()
    return data.train_test_split(images, labels, rng=np.random.default_rng(2))[1]


def model_of(notebook, worker, name, parity, shapes):
    """A model of the notebook, and its parameters by their shapes: those of the right layers."""
    model = notebook.make(name, worker.generator(5))
    state = parity.arrays(f"parameters of {name}", model.state_dict(), shapes)
    return model, {value.shape: value for value in state.values()}


def linear(x, weight, bias):
    return x.reshape(len(x), -1) @ weight.T + bias


def descent(x, labels, weight, bias, lr, steps):
    """The logits after so many steps of gradient descent with cross-entropy on all of x."""
    for _ in range(steps):
        p = np.exp(linear(x, weight, bias))
        grad = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(x)
        weight = weight - lr * grad.T @ x.reshape(len(x), -1)
        bias = bias - lr * grad.sum(axis=0)
    return linear(x, weight, bias)


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_linear_accuracy(notebook, worker, parity, split, learns):
    """Accuracy of the linear model on unseen digits"""
    judge(notebook, parity, split, "Linear", "linear_logits", 0.92)
    learns("make_linear", 0.8, epochs=5, lr=0.05)
    # One image 40 times: whatever their order, batches of 16 make three steps in an epoch.
    model, state = model_of(notebook, worker, "make_linear", parity, [(10, 64), (10,)])
    x, labels, rng = np.repeat(split[0][:1], 40, axis=0), np.full(40, 7), worker.generator(6)
    options = {"epochs": 2, "lr": 0.01, "rng": rng}
    logits = notebook.call("train_and_test", model, x, labels, x[:2], **options)
    steps = descent(x[:2], labels[:2], state[10, 64], state[10,], 0.01, 6)
    parity("logits after two epochs of three batches", logits, steps)


@pytest.mark.check(weight=7)
def test_cnn_accuracy(notebook, parity, split, learns):
    """Accuracy of the CNN on unseen digits"""
    judge(notebook, parity, split, "CNN", "cnn_logits", 0.92)
    learns("make_cnn", 0.7, epochs=6, lr=0.02)


### BEGIN HIDDEN TESTS
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
