"""ScaledDotProductAttention: output, weights, the three gradients, and every kind of mask."""

import numpy as np
import pytest


class Attention:
    """Runs the submission and torch on the same arrays, and compares."""

    def __init__(self, student, oracle, rng, parity):
        self.student, self.oracle, self.rng, self.parity = student, oracle, rng, parity

    def make(self):
        return self.student.attention.ScaledDotProductAttention()

    def draw(self, *lead, queries=5, keys=5, depth=4, value_depth=4):
        """Query, key, value, and a gradient of the output."""
        shapes = ((queries, depth), (keys, depth), (keys, value_depth), (queries, value_depth))
        return [self.rng.standard_normal((*lead, *shape)) for shape in shapes]

    def draw_mask(self, *shape):
        """A random boolean mask that takes a key from every query, and leaves it two.

        With a single key its weight is 1 whatever the query is, and gradients are zero.
        """
        mask = self.rng.random(shape) < 0.6
        mask[..., :2], mask[..., -1] = True, False
        return self.rng.permuted(mask, axis=-1)

    def output(self, arrays, when="", **options):
        query, key, value, _ = arrays
        expected = self.oracle.attention(query, key, value, **options)
        got, _ = self.parity.parts("what forward returned", self.forward(arrays, options), 2)
        self.parity(f"output{when}", got, expected.output)

    def weights(self, arrays, when="", **options):
        query, key, value, _ = arrays
        expected = self.oracle.attention(query, key, value, **options)
        _, got = self.parity.parts("what forward returned", self.forward(arrays, options), 2)
        self.parity(f"weights{when}", got, expected.weights)

    def forward(self, arrays, options):
        return self.make().forward(*arrays[:3], **options)

    def gradients(self, arrays, when="", **options):
        query, key, value, grad_out = arrays
        expected = self.oracle.attention(query, key, value, **options, grad_out=grad_out)
        instance = self.make()
        instance.forward(query, key, value, **options)
        self.compare_gradients(instance.backward(grad_out), expected, when)

    def compare_gradients(self, got, expected, when=""):
        parts = self.parity.parts(f"what backward returned{when}", got, 3)
        for name, gradient in zip(("query", "key", "value"), parts, strict=True):
            wanted = getattr(expected, f"grad_{name}")
            self.parity(f"gradient of {name}{when}", gradient, wanted)

    def all(self, arrays, when="", **options):
        self.output(arrays, when, **options)
        self.weights(arrays, when, **options)
        self.gradients(arrays, when, **options)


@pytest.fixture
def attention(student, oracle, rng, parity):
    return Attention(student, oracle, rng, parity)


@pytest.mark.check(weight=6)
def test_scaled_dot_product_attention_forward(attention):
    """Attention: output"""
    attention.output(attention.draw(3))


@pytest.mark.check(weight=4, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_weights(attention):
    """Attention: the weights, which are returned too"""
    attention.weights(attention.draw(3))


@pytest.mark.check(weight=9, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_backward(attention):
    """Attention: gradients of query, key and value"""
    attention.gradients(attention.draw(3))


@pytest.mark.check(weight=5, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_boolean_mask(attention):
    """Attention: a mask of True and False"""
    attention.output(attention.draw(3), attn_mask=attention.draw_mask(5, 5))


@pytest.mark.check(weight=5, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_additive_mask(attention):
    """Attention: a mask that is added to the scores"""
    mask = attention.rng.standard_normal((5, 5))
    mask[1, 2] = -np.inf
    attention.output(attention.draw(3), attn_mask=mask)


@pytest.mark.check(weight=5, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_causal_mask(attention):
    """Attention: a causal mask, also with fewer or more queries than keys"""
    for queries, keys in ((5, 5), (3, 5), (5, 3)):
        arrays = attention.draw(3, queries=queries, keys=keys)
        attention.output(arrays, f", {queries} queries and {keys} keys", is_causal=True)
