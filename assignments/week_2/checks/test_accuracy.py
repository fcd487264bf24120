"""A convolutional network and its Linear counterpart learn to read digits."""

import pytest


@pytest.mark.accuracy
@pytest.mark.check(
    weight=9,
    needs=[
        *("test_conv2d_forward", "test_conv2d_backward", "test_conv2d_parameter_grads"),
        *("test_max_pool2d_forward", "test_max_pool2d_backward"),
        *("test_flatten_forward", "test_flatten_backward"),
    ],
)
def test_small_cnn(student, given, weeks, training, split_digits):
    """Conv2d, ReLU, MaxPool2d, Flatten, Linear: accuracy on unseen digits"""
    x, labels, x_test, labels_test = split_digits()
    model = given.module.Sequential(
        student.conv.Conv2d(1, 8, 3, padding=1, rng=training.generator()),
        weeks(1).activations.ReLU(),
        student.pooling.MaxPool2d(2),
        student.flatten.Flatten(),
        weeks(1).linear.Linear(128, 10, rng=training.generator()),
    )
    training.fit(
        model, weeks(1).losses.CrossEntropyLoss(), x, labels, epochs=20, lr=0.02, batch_size=8
    )
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))


@pytest.mark.accuracy
@pytest.mark.check(weight=3, needs=["test_flatten_forward", "test_flatten_backward"])
def test_linear_counterpart(student, given, weeks, training, split_digits):
    """Flatten, Linear: accuracy of a model without convolution"""
    x, labels, x_test, labels_test = split_digits()
    model = given.module.Sequential(
        student.flatten.Flatten(),
        weeks(1).linear.Linear(64, 10, rng=training.generator()),
    )
    training.fit(model, weeks(1).losses.CrossEntropyLoss(), x, labels, epochs=10, lr=0.1)
    training.reaches("accuracy", training.accuracy(model, x_test, labels_test))
