"""CrossEntropyLoss and BCELoss: values, gradients, and what every loss promises."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer


def probabilities(rng, shape):
    return rng.uniform(0.05, 0.95, shape)


def classes(rng, shape):
    return rng.integers(shape[1], size=shape[0])


CROSS_ENTROPY = Layer("losses", "CrossEntropyLoss", draw_target=classes)
BCE = Layer("losses", "BCELoss", draw=probabilities, draw_target=probabilities)
### BEGIN HIDDEN TESTS
CROSS_ENTROPY_SUM = replace(CROSS_ENTROPY, options={"reduction": "sum"})
NARROW = [  # targets of any integer dtype
    replace(CROSS_ENTROPY, draw_target=lambda rng, shape, d=dtype: classes(rng, shape).astype(d))
    for dtype in (np.int32, np.int8, np.uint8)
]
BCE_SUM = replace(BCE, options={"reduction": "sum"})
### END HIDDEN TESTS

test_cross_entropy_loss_forward = CROSS_ENTROPY.forward((5, 4), weight=2)
test_cross_entropy_loss_backward = CROSS_ENTROPY.backward((5, 4), weight=3)

test_bce_loss_forward = BCE.forward((5, 4), weight=2)
test_bce_loss_backward = BCE.backward((5, 4), weight=3)


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_stability(contract):
    """CrossEntropyLoss: logits of ±10,000"""
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]])
    contract.stability(CROSS_ENTROPY, logits, np.array([0, 1, 2]))


### BEGIN HIDDEN TESTS
def twice(contract, *losses):
    """backward takes no gradient for 1, and doesn't spoil what another one needs."""
    for loss in losses:
        contract.parity.case = loss.call
        inputs = loss.inputs(contract.rng, (5, 4))
        made, scale = contract.make(loss), float(contract.rng.uniform(2, 3))
        made.forward(*inputs)
        expected = contract.expect(loss, {}, inputs, 1.0).grad_input
        contract.parity("gradient of the input", made.backward(), expected)
        contract.parity("gradient of a second backward", made.backward(scale), scale * expected)
    contract.parity.case = ""


test_cross_entropy_loss_reduction_sum = CROSS_ENTROPY_SUM.both(
    (5, 4), title="the sum instead of the mean", weight=2
)


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_wrong_shape(contract):
    """CrossEntropyLoss: logits, targets or gradients of the wrong shape are an error"""
    loss = contract.make(CROSS_ENTROPY)
    logits, target = CROSS_ENTROPY.inputs(contract.rng, (5, 4))
    images = contract.rng.standard_normal((5, 4, 3))
    contract.refuses("4 targets for 5 rows", lambda: loss.forward(logits, target[:4]))
    contract.refuses("a column of targets", lambda: loss.forward(logits, target[:, None]))
    contract.refuses("logits of shape (5, 4, 3)", lambda: loss.forward(images, target))
    contract.wrong_shape(CROSS_ENTROPY, right=(5, 4))


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_invalid_targets(contract, student, parity):
    """CrossEntropyLoss: a target that is no class, or an unknown reduction, is an error"""
    logits, target = CROSS_ENTROPY.inputs(contract.rng, (5, 4))
    for wrong in (-1, 4, 0.5):
        targets = np.array([*target[:4], wrong])
        call = partial(contract.make(CROSS_ENTROPY).forward, logits, targets)
        parity.refuses(f"a target of {wrong}", call)
    call = partial(student.losses.CrossEntropyLoss, reduction="median")
    parity.refuses('reduction="median"', call)
    contract.both_of(CROSS_ENTROPY, {}, [logits, target])


@pytest.mark.check(weight=2, needs="test_cross_entropy_loss_forward")
def test_cross_entropy_loss_second_backward(contract):
    """CrossEntropyLoss: a second backward after the same forward, and one without an argument"""
    twice(contract, CROSS_ENTROPY, CROSS_ENTROPY_SUM)


test_cross_entropy_loss_large_backward = CROSS_ENTROPY.large_backward((2500, 20), weight=3)
test_cross_entropy_loss_float32 = CROSS_ENTROPY.float32((5, 4))
test_cross_entropy_loss_unchanged_inputs = CROSS_ENTROPY.unchanged_inputs((5, 4))
test_cross_entropy_loss_batch_of_one = CROSS_ENTROPY.batch_of_one((5, 4))
test_cross_entropy_loss_second_call = CROSS_ENTROPY.second_call((5, 4), (3, 6))
test_cross_entropy_loss_non_contiguous = CROSS_ENTROPY.non_contiguous((5, 4))

test_cross_entropy_loss_other_forms = CROSS_ENTROPY.other_forms(
    *((loss, (5, 4)) for loss in (CROSS_ENTROPY_SUM, *NARROW)),
    title="the same promises with the sum, and with targets of any integer dtype",
)

test_bce_loss_reduction_sum = BCE_SUM.both((5, 4), title="the sum instead of the mean", weight=2)


@pytest.mark.check(weight=2, needs="test_bce_loss_forward")
def test_bce_loss_stability(contract):
    """BCELoss: probabilities of exactly 0 and 1, also without a warning"""
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.3, 1e-9]])
    target = np.array([[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    contract.stability(BCE, p, target, quiet=True)
    near = np.array([[1e-9, 1e-10, 0.3]])  # beside a gradient of 1e12, one of 1 would go unseen
    contract.stability(BCE, near, np.array([[0.0, 0.0, 1.0]]))


@pytest.mark.check(needs="test_bce_loss_forward")
def test_bce_loss_wrong_shape(contract):
    """BCELoss: a target or gradient of another shape is an error"""
    loss = contract.make(BCE)
    p, target = contract.rng.uniform(size=(5, 4)), contract.rng.uniform(size=(5, 1))
    contract.refuses("a target (5, 1) for an input (5, 4)", lambda: loss.forward(p, target))
    contract.wrong_shape(BCE, right=(5, 4))


@pytest.mark.check(weight=2, needs="test_bce_loss_forward")
def test_bce_loss_invalid_values(contract, student, parity):
    """BCELoss: what is no probability, or an unknown reduction, is an error"""
    p, target = BCE.inputs(contract.rng, (5, 4))
    for name, low, high in (("input", -0.5, 0.0), ("input", 1.0, 1.5), ("target", 1.0, 1.5)):
        wrong = contract.rng.uniform(low, high, (1, 4))
        inputs = {"input": p, "target": target}
        inputs[name] = np.concatenate([inputs[name][:4], wrong])
        label = f"{name} between {low} and {high}"
        parity.refuses(label, partial(contract.make(BCE).forward, **inputs))
    call = partial(student.losses.BCELoss, reduction="median")
    parity.refuses('reduction="median"', call)
    contract.both_of(BCE, {}, [p, target])


@pytest.mark.check(needs="test_bce_loss_forward")
def test_bce_loss_second_backward(contract):
    """BCELoss: a second backward after the same forward, and one without an argument"""
    twice(contract, BCE, BCE_SUM)


test_bce_loss_large_backward = BCE.large_backward((200, 250), weight=3)
test_bce_loss_float32 = BCE.float32((5, 4))
test_bce_loss_unchanged_inputs = BCE.unchanged_inputs((5, 4))
test_bce_loss_batch_of_one = BCE.batch_of_one((5, 4))
test_bce_loss_second_call = BCE.second_call((5, 4), (3, 6))
test_bce_loss_non_contiguous = BCE.non_contiguous((5, 4))
test_bce_loss_other_forms = BCE.other_forms((BCE_SUM, (2, 3, 4)))
### END HIDDEN TESTS
