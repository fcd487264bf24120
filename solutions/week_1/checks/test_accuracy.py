"""The pieces of the week together: a network of two layers learns to read digits."""

import pytest


@pytest.mark.accuracy
@pytest.mark.check(
    weight=7,
    needs=[
        *("test_linear_forward", "test_linear_backward", "test_linear_parameter_grads"),
        *("test_relu_forward", "test_relu_backward", "test_cross_entropy_loss_backward"),
    ],
)
def test_two_layer_network(student, given, training, split_digits):
    """Linear, ReLU, Linear with cross-entropy: accuracy on unseen digits"""
    x, labels, x_test, labels_test = split_digits()
    model = given.module.Sequential(
        student.linear.Linear(64, 32, rng=training.generator()),
        student.activations.ReLU(),
        student.linear.Linear(32, 10, rng=training.generator()),
    )
    loss = student.losses.CrossEntropyLoss()
    training.fit(model, loss, x.reshape(-1, 64), labels, epochs=20, lr=0.05, batch_size=16)
    training.reaches("accuracy", training.accuracy(model, x_test.reshape(-1, 64), labels_test))
