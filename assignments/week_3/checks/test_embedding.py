"""Embedding: the rows that it looks up, the gradient of its table, and its padding."""

import numpy as np
import pytest

from autograder.layers import Layer


def some(rng, shape):
    """Ids of the table, most of them several times."""
    return rng.integers(6, size=shape)


EMBEDDING = Layer("embedding", "Embedding", (6, 3), {}, {"weight": (6, 3)}, draw=some)


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
