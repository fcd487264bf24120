"""ScaledDotProductAttention: output, weights, the three gradients, and every kind of mask."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.layers import as_float32, strided


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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=6, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_mask_backward(attention):
    """Attention: gradients with a mask"""
    attention.gradients(attention.draw(3), attn_mask=attention.draw_mask(5, 5))
    attention.gradients(attention.draw(3), ", causal mask", is_causal=True)


@pytest.mark.check(weight=7, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_fully_masked(attention):
    """Attention: a query that may attend to no key gets zeros"""
    mask = attention.draw_mask(5, 5)
    mask[1] = False
    attention.all(attention.draw(3), attn_mask=mask)
    added = np.where(mask, attention.rng.standard_normal((5, 5)), -np.inf)
    attention.all(attention.draw(3), ", mask of -inf", attn_mask=added)
    # A number however low shuts nothing out. These scores are halves: no digit of them is lost.
    arrays = [attention.rng.integers(-3, 4, array.shape) * 1.0 for array in attention.draw(3)]
    low = np.zeros((5, 5))
    low[1], low[2] = -1e9, -1e12
    attention.all(arrays, ", rows of -1e9 and -1e12", attn_mask=low)


@pytest.mark.check(weight=4, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_padding_mask(attention):
    """Attention: a mask for every example that holds for all of its queries"""
    attention.all(attention.draw(3), attn_mask=attention.draw_mask(3, 1, 5))
    attention.output(attention.draw(3), ", one axis", attn_mask=attention.draw_mask(5))
    for shape in ((3, 1, 5), (5, 1), (5,)):  # added to the scores, (5, 1) changes no weight
        mask = attention.rng.standard_normal(shape)
        attention.all(attention.draw(3), f", floating mask {shape}", attn_mask=mask)


@pytest.mark.check(weight=2, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_apply_mask(attention):
    """Attention: apply_mask leaves the score where a boolean mask is True"""
    scores, mask = attention.rng.standard_normal((3, 5, 5)), attention.draw_mask(3, 1, 5)
    got = attention.student.attention.apply_mask(scores, mask)
    attention.parity("masked scores", got, np.where(mask, scores, -np.inf))


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_large(attention):
    """Attention: gradients of many queries and keys, in time"""
    small = attention.draw(1, queries=128, keys=128, depth=64, value_depth=64)
    expected = vars(attention.oracle.attention(*small[:3], grad_out=small[3]))
    # The same example four times: four times as much to do, and no larger array to expect.
    instance, arrays = attention.make(), [np.tile(array, (4, 1, 1)) for array in small]
    instance.forward(*arrays[:3])
    expected = {name: np.tile(values, (4, 1, 1)) for name, values in expected.items()}
    attention.compare_gradients(instance.backward(arrays[3]), SimpleNamespace(**expected))


@pytest.mark.check(weight=5, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_different_lengths(attention):
    """Attention: more keys than queries, values of another depth"""
    attention.all(attention.draw(3, queries=3, keys=6, depth=4, value_depth=2))


@pytest.mark.check(weight=6, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_heads(attention):
    """Attention: with an axis of heads, and with no leading axis"""
    attention.all(attention.draw(2, 3))
    attention.all(attention.draw(2, 3), ", masked", attn_mask=attention.draw_mask(3, 5, 5))
    attention.all(attention.draw(), ", no leading axis")


@pytest.mark.check(weight=5, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_stability(attention):
    """Attention: scores of ±10,000, and a row far below the others"""
    scores = [[1e4, -1e4, 0, 9999], [-1e4, -1e4, -1e4, -10001], [1e4, 1e4, 9999, 0], [0, 1, 2, 3]]
    _, _, value, grad_out = attention.draw(queries=4, keys=4)
    # With the unit matrix as keys and a depth of 4 the scores are half of the queries.
    attention.all([2 * np.array(scores, np.float64), np.eye(4), value, grad_out])


@pytest.mark.check(weight=4, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_float32(attention):
    """Attention: float32 stays float32, with masks too"""
    mask = attention.draw_mask(5, 5)
    masks = {"": None, ", boolean mask": mask, ", mask of float64": np.where(mask, 0.5, -2.0)}
    for when, attn_mask in masks.items():
        query, key, value, grad_out = map(as_float32, attention.draw(3))
        expected = attention.oracle.attention(query, key, value, attn_mask, grad_out=grad_out)
        expected = type(expected)(**{n: as_float32(v) for n, v in vars(expected).items()})
        instance = attention.make()
        got = instance.forward(query, key, value, attn_mask)
        output, weights = attention.parity.parts(f"what forward returned{when}", got, 2)
        attention.parity(f"output{when}", output, expected.output)
        attention.parity(f"weights{when}", weights, expected.weights)
        attention.compare_gradients(instance.backward(grad_out), expected, when)


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_other_forms(attention, worker, parity):
    """Attention: with every mask and axis in float32, from views that stay as they are, twice"""
    masked = attention.draw_mask(4, 5)
    masked[1] = False
    for lead, options in (
        ((), {"is_causal": True}),
        ((2, 3), {"is_causal": True}),
        ((2, 3), {"attn_mask": attention.rng.standard_normal((3, 1, 5))}),
        ((2,), {"attn_mask": masked}),
    ):
        names = ", ".join(options)
        parity.case = f"{names}, query of {len(lead) + 2} axes"
        drawn = [as_float32(array) for array in attention.draw(*lead, queries=4)]
        query, key, value, grad_out = drawn
        expected = attention.oracle.attention(query, key, value, **options, grad_out=grad_out)
        expected = SimpleNamespace(**{n: as_float32(v) for n, v in vars(expected).items()})
        given = dict(zip(("query", "key", "value", "grad_out"), map(strided, drawn), strict=True))
        kept = {name: worker.keep(array) for name, array in given.items()}
        instance, *inputs = attention.make(), kept["query"], kept["key"], kept["value"]
        parts = parity.parts("what forward returned", instance.forward(*inputs, **options), 2)
        for name, part in zip(("output", "weights"), parts, strict=True):
            parity(name, part, getattr(expected, name))
        wrong = partial(instance.backward, grad_out[..., :1, :])
        parity.refuses("a grad_out for one query", wrong)
        for when in ("", ", a second time"):
            attention.compare_gradients(instance.backward(kept["grad_out"]), expected, when)
        for name, array in given.items():
            parity(f"{name}, afterwards", worker.fetch(kept[name]), array)
    parity.case = ""


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_unchanged_inputs(attention, contract, worker):
    """Attention: inputs and masks are not changed, nor scores by apply_mask and softmax"""
    query, key, value, grad_out = attention.draw(3)
    mask = attention.rng.standard_normal((5, 5))
    inputs = {"query": query, "key": key, "value": value, "attn_mask": mask}
    got = contract.untouched(attention.make(), inputs, {"grad_out": grad_out})
    expected = attention.oracle.attention(**inputs, grad_out=grad_out)
    output, _ = attention.parity.parts("what forward returned", got[0], 2)
    attention.parity("output", output, expected.output)
    attention.compare_gradients(got[1], expected)
    scores = attention.rng.standard_normal((3, 5, 5))
    for name, rest in (("apply_mask", [mask]), ("softmax", [])):
        kept = worker.keep(scores)
        getattr(attention.student.attention, name)(kept, *rest)
        got = worker.fetch(kept)
        attention.parity(f"the scores, after {name}", got, scores, trivial=True)


@pytest.mark.check(weight=2, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_batch_of_one(attention):
    """Attention: one example with one query"""
    attention.all(attention.draw(1, queries=1))


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_second_call(attention):
    """Attention: a second call with other shapes and without a mask"""
    one, two = attention.make(), attention.make()
    first, second = attention.draw(3), attention.draw(2, queries=3, keys=4)
    one.forward(*first[:3], attention.draw_mask(5, 5))
    one.backward(first[3])
    expected = attention.oracle.attention(*second[:3], grad_out=second[3])
    got = one.forward(*second[:3])
    output, _ = attention.parity.parts("what forward returned", got, 2)
    attention.parity("output of the second call", output, expected.output)
    two.forward(*first[:3])  # must not disturb what the first instance remembers
    attention.compare_gradients(one.backward(second[3]), expected, ", second call")


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_non_contiguous(attention):
    """Attention: inputs that are views"""
    for when, view in ((", transposed views", np.asfortranarray), (", every second", strided)):
        attention.output([view(array) for array in attention.draw(3)], when)
        attention.gradients([view(array) for array in attention.draw(3)], when)


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_wrong_shape(attention, contract):
    """Attention: inputs that don't fit together are an error"""
    wrong = (
        ((3, 5, 4), (3, 5, 3), (3, 5, 4)),
        ((3, 5, 4), (3, 6, 4), (3, 5, 4)),
        ((2, 5, 4), (3, 5, 4), (3, 5, 4)),
        ((3, 5, 4), (1, 5, 4), (1, 5, 4)),
        ((3, 5, 4), (1, 5, 4), (3, 5, 4)),
        ((3, 5, 4), (3, 5, 4), (1, 5, 4)),
        ((4,), (5, 4), (5, 4)),
    )
    for shapes in wrong:
        arrays = [attention.rng.standard_normal(shape) for shape in shapes]
        what = "query {}, key {} and value {}".format(*shapes)
        contract.refuses(what, lambda a=arrays: attention.make().forward(*a))
    attention.all(attention.draw(3), ", of shapes that fit")


@pytest.mark.check(weight=2, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_wrong_grad_out(attention, contract):
    """Attention: a grad_out of another shape than the output is an error"""
    *inputs, grad_out = attention.draw(3)
    instance = attention.make()
    instance.forward(*inputs)
    for shape in ((1, 5, 4), (3, 1, 4), (3, 5, 1), (5, 4), (2, 3, 5, 4)):
        wrong = attention.rng.standard_normal(shape)
        what = f"a grad_out of shape {shape} for the output (3, 5, 4)"
        contract.refuses(what, lambda g=wrong: instance.backward(g))
    expected = attention.oracle.attention(*inputs, grad_out=grad_out)
    attention.compare_gradients(instance.backward(grad_out), expected, ", of the right shape")


@pytest.mark.check(weight=3, needs="test_scaled_dot_product_attention_forward")
def test_scaled_dot_product_attention_wrong_mask(attention, contract):
    """Attention: a mask that doesn't fit, or one too many, is an error"""
    arrays = attention.draw(3)[:3]
    for shape in ((4, 5), (2, 3, 5, 5)):
        mask = attention.draw_mask(*shape)
        what = f"a mask {shape} for the scores (3, 5, 5)"
        contract.refuses(what, lambda m=mask: attention.make().forward(*arrays, m))
    one_query = attention.draw(3, queries=1)[:3]  # NumPy would make five queries of it
    contract.refuses(
        "a mask (5, 5) for the scores (3, 1, 5)",
        lambda: attention.make().forward(*one_query, attention.draw_mask(5, 5)),
    )
    numbers = attention.draw_mask(5, 5).astype(np.int64)
    contract.refuses(
        "a mask of whole numbers",
        lambda: attention.make().forward(*arrays, numbers),
        "a TypeError: is it boolean, or is it added?",
    )
    for what, mask in (
        ("a mask", attention.draw_mask(5, 5)),
        ("a floating mask", attention.rng.standard_normal((5, 5))),
        ("a mask of False", np.zeros((5, 5), np.bool_)),
        ("a mask of True", np.ones((5, 5), np.bool_)),
        ("a mask of 0.0", np.zeros((5, 5))),
    ):
        contract.refuses(
            f"{what} together with is_causal",
            lambda m=mask: attention.make().forward(*arrays, m, True),
            "a ValueError: give one of them",
        )
    attention.all(attention.draw(3), ", a mask that fits", attn_mask=attention.draw_mask(1, 5))


### END HIDDEN TESTS
