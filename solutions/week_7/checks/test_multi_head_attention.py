"""MultiHeadAttention: output, weights, all gradients, and both masks."""

import math

import numpy as np
import pytest

from autograder.layers import as_float32, strided

DEPTH, HEADS = 6, 2
SHAPES = {
    "in_proj_weight": (3 * DEPTH, DEPTH),
    "in_proj_bias": (3 * DEPTH,),
    "out_proj.weight": (DEPTH, DEPTH),
    "out_proj.bias": (DEPTH,),
}


class Heads:
    """Runs the submission and torch on the same arrays, and compares."""

    def __init__(self, student, oracle, rng, parity):
        self.student, self.oracle, self.rng, self.parity = student, oracle, rng, parity

    def draw(self, queries=5, keys=5, batch=3):
        """Query, key, value, and a gradient of the output."""
        lengths = (queries, keys, keys, queries)
        return [self.rng.standard_normal((batch, length, DEPTH)) for length in lengths]

    def draw_parameters(self, bias=True):
        shapes = {name: shape for name, shape in SHAPES.items() if bias or "bias" not in name}
        return {name: 0.5 * self.rng.standard_normal(shape) for name, shape in shapes.items()}

    def draw_mask(self, *shape):
        """True where a key must not be seen: one at least, and two are left, for every query."""
        mask = self.rng.random(shape) < 0.4
        mask[..., :2], mask[..., -1] = False, True
        return self.rng.permuted(mask, axis=-1)

    def make(self, parameters, heads=HEADS, bias=True):
        made = self.student.multi_head_attention.MultiHeadAttention(DEPTH, heads, bias)
        made.load_state_dict(parameters)
        return made

    def expect(self, parameters, arrays, heads=HEADS, bias=True, **options):
        *inputs, grad_out = arrays
        args, made = [DEPTH, heads], {"bias": bias}
        return self.oracle.transformer(
            "MultiheadAttention", args, made, parameters, inputs, grad_out, masks=options
        )

    def compare(self, arrays, *parts, when="", heads=HEADS, bias=True, dtype="f8", **options):
        """The parts that are named, of output, weights, inputs and parameters; all if none is."""
        parameters = {n: v.astype(dtype) for n, v in self.draw_parameters(bias).items()}
        expected = vars(self.expect(parameters, arrays, heads, bias, **options))
        expected = {name: value.astype(dtype) for name, value in expected.items()}
        instance, parts = self.make(parameters, heads, bias), parts or ("output", "inputs", "all")
        got = instance.forward(*arrays[:3], **options)
        answer = self.parity.parts(f"what forward returned{when}", got, 2)
        for name, array in zip(("output", "weights"), answer, strict=True):
            if name in parts:
                self.parity(f"{name}{when}", array, expected[name])
        if "inputs" in parts:
            self.inputs(instance.backward(arrays[3]), expected, when)
        if "all" in parts:
            for name in parameters:
                got = instance.read(f"{name}.grad")
                self.parity(f"gradient of {name}{when}", got, expected[f"grad_{name}"])

    def inputs(self, got, expected, when=""):
        grads = self.parity.parts(f"what backward returned{when}", got, 3)
        for i, (name, gradient) in enumerate(zip(("query", "key", "value"), grads, strict=True)):
            wanted = expected[f"grad_input_{i}" if i else "grad_input"]
            self.parity(f"gradient of {name}{when}", gradient, wanted)


@pytest.fixture
def heads(student, oracle, rng, parity):
    return Heads(student, oracle, rng, parity)


@pytest.mark.check(weight=5)
def test_multi_head_attention_forward(heads):
    """MultiHeadAttention: output"""
    heads.compare(heads.draw(), "output")


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_weights(heads):
    """MultiHeadAttention: the weights, averaged over the heads"""
    heads.compare(heads.draw(), "weights")


@pytest.mark.check(weight=5, needs="test_multi_head_attention_forward")
def test_multi_head_attention_backward(heads):
    """MultiHeadAttention: gradients of query, key and value"""
    heads.compare(heads.draw(), "inputs")


@pytest.mark.check(weight=3, needs="test_multi_head_attention_forward")
def test_multi_head_attention_key_padding_mask(heads):
    """MultiHeadAttention: keys that are padding"""
    heads.compare(heads.draw(), "output", key_padding_mask=heads.draw_mask(3, 5))


@pytest.mark.check(weight=3, needs="test_multi_head_attention_forward")
def test_multi_head_attention_attn_mask(heads):
    """MultiHeadAttention: a mask of queries and keys, True where none may look"""
    heads.compare(heads.draw(), "output", attn_mask=heads.draw_mask(5, 5))


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=5, needs="test_multi_head_attention_forward")
def test_multi_head_attention_parameter_grads(heads):
    """MultiHeadAttention: gradients of all parameters, added up"""
    parameters = heads.draw_parameters()
    instance, total = heads.make(parameters), dict.fromkeys(parameters, 0.0)
    for when in ("", " after a second backward"):
        arrays = heads.draw()
        expected = vars(heads.expect(parameters, arrays))
        instance.forward(*arrays[:3])
        instance.backward(arrays[3])
        for name in parameters:
            total[name] = total[name] + expected[f"grad_{name}"]
            got = instance.read(f"{name}.grad")
            heads.parity(f"gradient of {name}{when}", got, total[name])


@pytest.mark.check(weight=3, needs="test_multi_head_attention_forward")
def test_multi_head_attention_masks_backward(heads):
    """MultiHeadAttention: output and gradients with both masks"""
    masks = {"attn_mask": np.triu(np.ones((5, 5), np.bool_), 1)}
    masks["key_padding_mask"] = np.arange(5) >= np.array([[5], [3], [2]])
    heads.compare(heads.draw(), **masks)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_mask_of_each_head(heads):
    """MultiHeadAttention: a mask for every example and head, also beside one of padding"""
    heads.compare(heads.draw(keys=4), attn_mask=heads.draw_mask(3 * HEADS, 5, 4))
    masks = {"attn_mask": heads.rng.standard_normal((3 * HEADS, 5, 4))}
    masks["key_padding_mask"] = heads.draw_mask(3, 4)
    heads.compare(heads.draw(keys=4), when=", both masks", **masks)
    arrays = [array[0] for array in heads.draw(keys=4)]
    heads.compare(arrays, when=", no batch", attn_mask=heads.draw_mask(HEADS, 5, 4))


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_additive_masks(heads):
    """MultiHeadAttention: masks that are added"""
    padding, mask = heads.rng.standard_normal((3, 5)), heads.rng.standard_normal((5, 5))
    padding[0, 2] = mask[1, 3] = -np.inf
    heads.compare(heads.draw(), key_padding_mask=padding, attn_mask=mask)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_need_weights(heads):
    """MultiHeadAttention: the weights of each head, or none at all"""
    heads.compare(heads.draw(keys=4), "weights", average_attn_weights=False)
    arrays = heads.draw()
    answer = heads.make(heads.draw_parameters()).forward(*arrays[:3], None, False)
    _, weights = heads.parity.parts("what forward returned", answer, 2)
    heads.parity.equal("weights that nobody needs", weights, None)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_fully_masked(heads):
    """MultiHeadAttention: a query that may see no key"""
    mask = heads.draw_mask(5, 5)
    mask[1] = True
    heads.compare(heads.draw(), attn_mask=mask, need_weights=False)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_different_lengths(heads):
    """MultiHeadAttention: more or fewer keys than queries, no batch, and two axes of it"""
    heads.compare(heads.draw(queries=3, keys=6))
    heads.compare(heads.draw(queries=4, keys=2, batch=1), when=", a batch of one")
    arrays = [array[0] for array in heads.draw(keys=4)]
    padding, parts = heads.draw_mask(4), ("output", "weights", "inputs", "all")
    heads.compare(arrays, *parts, when=", no batch", key_padding_mask=padding)
    when = ", of each head, no batch"
    heads.compare(arrays, "weights", when=when, average_attn_weights=False)
    several_batch_axes(heads)


def several_batch_axes(heads):
    """(2, 2, L, D) gives what the four examples give, weights and gradients too."""
    parameters, arrays = heads.draw_parameters(), heads.draw(keys=4, batch=4)
    padding = heads.draw_mask(4, 4)
    expected = vars(heads.expect(parameters, arrays, key_padding_mask=padding))
    wanted = {
        name: value.reshape(2, 2, *value.shape[1:])
        for name, value in expected.items()
        if name in ("output", "weights") or "input" in name
    }
    instance = heads.make(parameters)
    *inputs, grad_out = (array.reshape(2, 2, *array.shape[1:]) for array in arrays)
    got = instance.forward(*inputs, key_padding_mask=padding.reshape(2, 2, 4))
    answer = heads.parity.parts("the answer for two batch axes", got, 2)
    for name, array in zip(("output", "weights"), answer, strict=True):
        heads.parity(f"{name}, two batch axes", array, wanted[name])
    heads.inputs(instance.backward(grad_out), wanted, ", two batch axes")


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_other_heads(heads):
    """MultiHeadAttention: one head, and as many as features"""
    heads.compare(heads.draw(), heads=1, when=", one head")
    heads.compare(heads.draw(), heads=DEPTH, when=", a feature for each head")


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_without_bias(heads):
    """MultiHeadAttention: without a bias"""
    heads.compare(heads.draw(), bias=False)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_initial(heads, worker):
    """MultiHeadAttention: initial weights and biases"""
    make = heads.student.multi_head_attention.MultiHeadAttention
    seed = int(heads.rng.integers(1 << 31))
    one, same = make(60, 2, rng=worker.generator(seed)), make(60, 2, rng=worker.generator(seed))
    fresh = make(60, 2)
    for name, shape, bound in (
        ("in_proj_weight", (180, 60), math.sqrt(6 / 240)),
        ("out_proj.weight", (60, 60), 1 / math.sqrt(60)),
    ):
        values = heads.parity.array(name, one.read(f"{name}.data"), shape)
        spread = np.quantile(values / bound, [0, 0.25, 0.75, 1])
        right = np.abs(values).max() <= bound and np.abs(spread - [-1, -0.5, 0.5, 1]).max() < 0.06
        heads.parity.holds(f"range of {name}", right, f"{name}: expected uniform in ±{bound:.4f}")
        heads.parity(f"{name}, same rng", same.read(f"{name}.data"), values, trivial=True)
        other = fresh.read(f"{name}.data")
        other = heads.parity.array(f"{name} without an rng", other, shape)
        drawn = not (other == values).any()
        heads.parity.holds(f"{name} drawn", drawn, f"{name} is the same without an rng")
    for name, size in (("in_proj_bias", 180), ("out_proj.bias", 60)):
        heads.parity(name, one.read(f"{name}.data"), np.zeros(size), trivial=True)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_float32(heads):
    """MultiHeadAttention: float32 stays float32, with masks too"""
    arrays = [as_float32(array) for array in heads.draw()]
    parts = ("output", "weights", "inputs", "all")
    heads.compare(arrays, *parts, dtype="f4")
    mask = heads.rng.standard_normal((5, 5))
    heads.compare(arrays, *parts, dtype="f4", when=", masked", attn_mask=mask)
    padding = heads.draw_mask(3, 5)
    heads.compare(
        arrays, *parts, dtype="f4", when=", no bias", bias=False, key_padding_mask=padding
    )


@pytest.mark.check(weight=1, needs="test_multi_head_attention_forward")
def test_multi_head_attention_unchanged_inputs(heads, contract):
    """MultiHeadAttention: inputs and masks are not changed"""
    arrays, parameters = heads.draw(), heads.draw_parameters()
    masks = {"key_padding_mask": heads.draw_mask(3, 5), "need_weights": np.bool_(True)}
    masks["attn_mask"] = heads.rng.standard_normal((5, 5))
    named = dict(zip(("query", "key", "value"), arrays, strict=False)) | masks
    expected = vars(heads.expect(parameters, arrays, **masks | {"need_weights": True}))
    got = contract.untouched(heads.make(parameters), named, {"grad_out": arrays[3]})
    output, _ = heads.parity.parts("what forward returned", got[0], 2)
    heads.parity("output", output, expected["output"])
    heads.inputs(got[1], expected)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_second_call(heads):
    """MultiHeadAttention: a second call with other lengths, and two instances side by side"""
    parameters, first, second = heads.draw_parameters(), heads.draw(), heads.draw(3, 7)
    one, two = heads.make(parameters), heads.make(parameters)
    one.forward(*first[:3])
    one.backward(first[3])
    expected = vars(heads.expect(parameters, second))
    output, _ = heads.parity.parts("the second answer", one.forward(*second[:3]), 2)
    heads.parity("output of the second call", output, expected["output"])
    two.forward(*first[:3])  # must not disturb what the first instance remembers
    heads.inputs(one.backward(second[3]), expected, ", second call")


@pytest.mark.check(weight=1, needs="test_multi_head_attention_forward")
def test_multi_head_attention_non_contiguous(heads):
    """MultiHeadAttention: inputs that are views"""
    for when, view in ((", transposed views", np.asfortranarray), (", every second", strided)):
        heads.compare([view(array) for array in heads.draw()], when=when)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_large(heads):
    """MultiHeadAttention: gradients of many queries and keys, in time"""
    parameters, small = heads.draw_parameters(), heads.draw(200, 200, batch=1)
    expected = vars(heads.expect(parameters, small))
    # The same example eight times: eight times as much to do, and no larger array to expect.
    instance, arrays = heads.make(parameters), [np.tile(array, (8, 1, 1)) for array in small]
    instance.forward(*arrays[:3], None, False)
    repeated = {n: np.tile(v, (8, 1, 1)) for n, v in expected.items() if "input" in n}
    heads.inputs(instance.backward(arrays[3]), repeated)


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_wrong_shape(heads, contract):
    """MultiHeadAttention: inputs that don't fit, and heads that don't divide, are errors"""
    instance = heads.make(heads.draw_parameters())
    for shapes in (
        ((3, 5, 4), (3, 5, 6), (3, 5, 6)),
        ((3, 5, 6), (3, 5, 4), (3, 5, 4)),
        ((3, 5, 6), (3, 4, 6), (3, 5, 6)),
        ((3, 5, 6), (1, 5, 6), (1, 5, 6)),
        ((3, 0, 6), (3, 5, 6), (3, 5, 6)),
        ((3, 5, 6), (3, 0, 6), (3, 0, 6)),
    ):
        arrays = [heads.rng.standard_normal(shape) for shape in shapes]
        what = "query {}, key {} and value {}".format(*shapes)
        contract.refuses(what, lambda a=arrays: instance.forward(*a))
    make = heads.student.multi_head_attention.MultiHeadAttention
    for number in (-2, 0, 4):
        contract.refuses(f"{number} heads", lambda n=number: make(DEPTH, n), "a ValueError")
    heads.compare(heads.draw(), when=", of shapes that fit")


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_wrong_mask(heads, contract):
    """MultiHeadAttention: masks of another shape, or of whole numbers, are errors"""
    instance, arrays = heads.make(heads.draw_parameters()), heads.draw(keys=4)[:3]
    for name, shape in (
        ("attn_mask", (4, 5)),
        ("attn_mask", (4,)),
        ("attn_mask", (1, 4)),
        ("attn_mask", (3, 5, 4)),
        ("key_padding_mask", (3, 5)),
        ("key_padding_mask", (4,)),
        ("key_padding_mask", (1, 4)),
        ("key_padding_mask", (3, 1, 4)),
    ):
        masks = {name: np.zeros(shape, np.bool_)}
        what = f"a {name} {shape}, of 3 examples, {HEADS} heads, 5 queries and 4 keys"
        contract.refuses(what, lambda m=masks: instance.forward(*arrays, **m))
    fits = {"attn_mask": (5, 4), "key_padding_mask": (3, 4)}
    for name, shape in fits.items():
        # The other mask is one to add: a sum of both would be floating.
        masks = {other: np.zeros(size) for other, size in fits.items()}
        masks[name] = np.zeros(shape, np.int64)
        wanted = "a TypeError: is it boolean, or is it added?"
        contract.refuses(
            f"a {name} of whole numbers", lambda m=masks: instance.forward(*arrays, **m), wanted
        )
    heads.compare(heads.draw(), when=", a mask that fits", attn_mask=heads.draw_mask(5, 5))


@pytest.mark.check(weight=1, needs="test_multi_head_attention_forward")
def test_multi_head_attention_wrong_grad_out(heads, contract):
    """MultiHeadAttention: a grad_out of another shape than the output is an error"""
    parameters, arrays = heads.draw_parameters(), heads.draw()
    instance = heads.make(parameters)
    instance.forward(*arrays[:3])
    for shape in ((1, 5, 6), (3, 1, 6), (3, 5, 1), (5, 6), (3, 6, 5), (90,)):
        wrong = heads.rng.standard_normal(shape)
        what = f"a grad_out of shape {shape} for the output (3, 5, 6)"
        contract.refuses(what, lambda g=wrong: instance.backward(g))
    heads.inputs(instance.backward(arrays[3]), vars(heads.expect(parameters, arrays)))


### END HIDDEN TESTS
