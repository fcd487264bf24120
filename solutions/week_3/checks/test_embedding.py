"""Embedding: the rows that it looks up, the gradient of its table, and its padding."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer


def some(rng, shape):
    """Ids of the table, most of them several times."""
    return rng.integers(6, size=shape)


EMBEDDING = Layer("embedding", "Embedding", (6, 3), {}, {"weight": (6, 3)}, draw=some)
### BEGIN HIDDEN TESTS
PADDED = replace(EMBEDDING, options={"padding_idx": 2})
### END HIDDEN TESTS


def distinct(rng, *shape):
    """Ids of the table in this shape, none twice."""
    return rng.permutation(6)[: np.prod(shape)].reshape(shape)


def compare(contract, layer, ids, dtype=np.float64):
    """Output and gradient of the table, whose values are drawn, against torch's; the instance."""
    weight = contract.rng.standard_normal((6, 3)).astype(dtype)
    grad_out = contract.rng.standard_normal((*ids.shape, 3)).astype(dtype)
    expected = contract.expect(layer, {"weight": weight}, [ids], grad_out)
    instance = contract.make(layer, {"weight": weight})
    contract.parity("output", instance.forward(ids), expected.output.astype(dtype))
    instance.backward(grad_out)
    grad = instance.read("weight.grad")
    contract.parity("gradient of weight", grad, expected.grad_weight.astype(dtype))
    return instance


@pytest.mark.check(weight=2)
def test_embedding_forward(contract):
    """Embedding: the row of every id"""
    ids = distinct(contract.rng, 2, 3)
    weight = contract.rng.standard_normal((6, 3))
    expected = contract.expect(EMBEDDING, {"weight": weight}, [ids])
    instance = contract.make(EMBEDDING, {"weight": weight})
    contract.parity("output", instance.forward(ids), expected.output)


@pytest.mark.check(weight=2, needs="test_embedding_forward")
def test_embedding_parameter_grads(contract):
    """Embedding: gradient of the table, added up over calls"""
    weight, total = contract.rng.standard_normal((6, 3)), 0.0
    instance = contract.make(EMBEDDING, {"weight": weight})
    for when in ("", " after a second backward"):
        ids, grad_out = distinct(contract.rng, 2, 2), contract.rng.standard_normal((2, 2, 3))
        total = total + contract.expect(EMBEDDING, {"weight": weight}, [ids], grad_out).grad_weight
        instance.forward(ids)
        returned = instance.backward(grad_out)
        contract.parity(f"gradient of weight{when}", instance.read("weight.grad"), total)
        contract.parity.equal(f"what backward returns{when}", returned, None)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2, needs="test_embedding_forward")
def test_embedding_repeated_indices(contract):
    """Embedding: ids that occur several times"""
    compare(contract, EMBEDDING, np.array([[1, 1, 4], [0, 1, 4]]))
    compare(contract, EMBEDDING, contract.rng.integers(6, size=(5, 7)))


@pytest.mark.check(weight=2, needs="test_embedding_forward")
def test_embedding_padding_idx(contract):
    """Embedding: the padding's row starts at zero and gets no gradient; it is a row"""
    ids = np.array([[0, 2, 5], [3, 5, 2]])
    for padding_idx in (2, 0, -1, -6):
        layer = Layer("embedding", "Embedding", (6, 3), {"padding_idx": padding_idx})
        instance = contract.make(layer)
        table = contract.parity.array("initial table", instance.read("weight.data"), (6, 3))
        zero = not table[padding_idx].any() and np.count_nonzero(table) == 15
        message = f"padding_idx={padding_idx}: this row, and no other, starts at zero"
        contract.parity.holds(f"initial row {padding_idx}", zero, message)
        weight = contract.rng.standard_normal((6, 3))
        grad_out = contract.rng.standard_normal((2, 3, 3))
        expected = contract.expect(layer, {"weight": weight}, [ids], grad_out)
        instance.load_state_dict({"weight": weight})  # what was loaded is looked up, padding or not
        label = f"output with padding_idx={padding_idx}"
        contract.parity(label, instance.forward(ids), expected.output)
        instance.backward(grad_out)
        label = f"gradient of weight with padding_idx={padding_idx}"
        contract.parity(label, instance.read("weight.grad"), expected.grad_weight)
    for padding_idx in (6, -7):
        call = partial(contract.student.embedding.Embedding, 6, 3, padding_idx=padding_idx)
        contract.refuses(f"padding_idx={padding_idx} of 6 rows", call, "a ValueError")


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_init(student, worker, parity):
    """Embedding: initial table, drawn from the generator"""
    make, alike = student.embedding.Embedding, np.array_equal
    made = [make(500, 40, rng=worker.generator(seed)) for seed in (7, 7, 8)]
    made += [make(500, 40) for _ in range(2)]
    table, same, other, *fresh = (
        parity.array("weight", one.read("weight.data"), (500, 40)) for one in made
    )
    parity.holds("equal seeds", alike(table, same), "equally seeded tables differ")
    parity.holds("other seeds", not alike(table, other), "every seed gives the same table")
    parity.holds("without rng", not alike(*fresh), "without an rng, every table is the same")
    mean, spread, tail = table.mean(), table.std(), (abs(table) > 2).mean()
    parity.holds("mean", abs(mean) < 0.05, f"the mean is {mean:.1f}, expected 0.0")
    message = f"the standard deviation is {spread:.2f}, expected 1.00"
    parity.holds("standard deviation", abs(spread - 1) < 0.05, message)
    message = "the table isn't drawn from the normal distribution"
    parity.holds("normal distribution", 0.03 < tail < 0.06, message)
    different = np.unique(table).size > 19_000  # as float32, a few of 20,000 are equal by chance
    parity.holds("numbers", different, "numbers of the table repeat: draw each of them")


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_out_of_range(contract):
    """Embedding: ids that the table doesn't have, and ids that are no integers, are errors"""
    instance = compare(contract, EMBEDDING, distinct(contract.rng, 6))
    for ids in ([6], [-1], [[0, 7], [1, 2]], [3, -6]):
        contract.refuses(f"ids {ids}", partial(instance.forward, np.array(ids)), "an IndexError")
    for ids in ([0.5], [1.0, 2.0], [True, False]):
        contract.refuses(f"ids {ids}", partial(instance.forward, np.array(ids)), "a TypeError")


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_wrong_shape(contract):
    """Embedding: a gradient of another shape than the output is an error"""
    instance = compare(contract, EMBEDDING, distinct(contract.rng, 2, 2))
    for shape in ((2, 3), (2, 2, 1), (3, 2, 3), (4, 3), (2, 6), (1, 2, 3), (12,)):
        wrong = contract.rng.standard_normal(shape)
        contract.refuses(f"a grad_out of shape {shape}", partial(instance.backward, wrong))


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_float32(contract):
    """Embedding: float32 stays float32"""
    compare(contract, EMBEDDING, distinct(contract.rng, 2, 2), np.float32)


test_embedding_other_forms = EMBEDDING.other_forms(
    (EMBEDDING, (3, 4)), (PADDED, (12,)), title="the same in float32, added up, with padding"
)


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_unchanged_inputs(contract):
    """Embedding: inputs are not changed"""
    ids, grad_out = contract.rng.integers(6, size=(4, 2)), contract.rng.standard_normal((4, 2, 3))
    weight = contract.rng.standard_normal((6, 3))
    instance = contract.make(EMBEDDING, {"weight": weight})
    output, _ = contract.untouched(instance, {"ids": ids}, {"grad_out": grad_out})
    expected = contract.expect(EMBEDDING, {"weight": weight}, [ids], grad_out)
    contract.parity("output", output, expected.output)
    contract.parity("gradient of weight", instance.read("weight.grad"), expected.grad_weight)


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_ids_of_any_shape(contract):
    """Embedding: ids with one axis, with three, with none, a batch of one, and no ids"""
    for shape in ((4,), (2, 1, 3), (1, 2), ()):
        ids = np.asarray(contract.rng.integers(6, size=shape, dtype=np.int32))
        instance = compare(contract, EMBEDDING, ids)
    got = instance.forward(np.zeros((2, 0), np.int64))
    contract.parity("output without any id", got, np.zeros((2, 0, 3)), trivial=True)
    instance.zero_grad()
    instance.backward(np.zeros((2, 0, 3)))
    grad = instance.read("weight.grad")
    contract.parity("gradient of weight without any id", grad, np.zeros((6, 3)), trivial=True)


@pytest.mark.check(weight=3, needs="test_embedding_forward")
def test_embedding_large_table(student, rng, parity):
    """Embedding: the gradients of a large table at once, also of narrow ids"""
    ids, grad_out = rng.integers(2000, size=(30, 100)), rng.standard_normal((30, 100, 100))
    table = rng.standard_normal((2000, 100))
    expected = np.zeros_like(table)
    np.add.at(expected, ids, grad_out)
    instance = student.embedding.Embedding(2000, 100)
    instance.load_state_dict({"weight": table})
    instance.forward(ids)
    instance.backward(grad_out)
    parity("gradient of weight", instance.read("weight.grad"), expected)
    narrow = rng.integers(50, 256, size=(2, 3), dtype=np.uint8)  # times 100 is no uint8
    np.add.at(expected, narrow, grad_out[:2, :3])
    instance.forward(narrow)
    instance.backward(grad_out[:2, :3])
    parity("gradient of weight, of uint8 ids too", instance.read("weight.grad"), expected)


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_second_call(contract):
    """Embedding: a second call with another shape, and another instance"""
    weight = contract.rng.standard_normal((6, 3))
    one, two = (contract.make(EMBEDDING, {"weight": weight}) for _ in range(2))
    ids, grad_out = distinct(contract.rng, 2, 3), contract.rng.standard_normal((2, 3, 3))
    one.forward(np.array([1, 2]))
    one.forward(ids)
    two.forward(np.array([[3, 3, 3], [3, 3, 3]]))  # must not disturb what the first remembers
    one.backward(grad_out)
    expected = contract.expect(EMBEDDING, {"weight": weight}, [ids], grad_out)
    contract.parity("gradient of weight", one.read("weight.grad"), expected.grad_weight)


@pytest.mark.check(needs="test_embedding_forward")
def test_embedding_non_contiguous(contract):
    """Embedding: ids that are a view"""
    compare(contract, EMBEDDING, np.asfortranarray(distinct(contract.rng, 2, 3)))


### END HIDDEN TESTS
